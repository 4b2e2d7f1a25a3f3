#!/bin/sh
# Runs once, when the database's volume is new: a user for the product that is no superuser, so that row level security
# binds it. What only a superuser may do is done here: pgvector.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE aivastark LOGIN PASSWORD :'password';
CREATE DATABASE aivastark OWNER aivastark;
\connect aivastark
CREATE EXTENSION vector;
SQL
