"""`aivastark doctor` on a PostgreSQL: what it is, and what keeps it from being used."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aivastark.__main__ import app
from aivastark.commands.postgresql_checks import Server, told, wrong_with
from aivastark.migrations.migrate import HEAD
from tests.postgres import Postgres

WELL = Server(
    version="17.6 (Debian 17.6-1)",
    encoding="UTF8",
    is_replica=False,
    clock_ahead=timedelta(milliseconds=40),
    pgvector="0.8.1",
    is_installed=True,
    may_install=False,
    above_the_wall=False,
    tables=HEAD,
    migrating=None,
    connections=12,
    connections_max=100,
)


def test_a_real_one_is_well(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.database() as url:
        monkeypatch.setenv("AIVASTARK_DATABASE_URL", url.replace("postgresql+psycopg://", "postgresql://"))
        monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "hashing")
        said = CliRunner().invoke(app, ["doctor", "--data-dir", str(tmp_path)])

    lines = " ".join(said.output.split())
    assert said.exit_code == 0, said.output
    assert f"tables at {HEAD}, " in lines
    assert "PostgreSQL " in lines
    assert "pgvector 0." in lines
    assert "row-level security" not in lines


def test_a_user_whom_no_policy_binds_is_warned_of(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.database() as url:
        monkeypatch.setenv("AIVASTARK_DATABASE_URL", postgres.from_above(url))
        monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "hashing")
        said = CliRunner().invoke(app, ["doctor", "--data-dir", str(tmp_path)])

    assert said.exit_code == 0, said.output
    assert "superuser or has BYPASSRLS" in " ".join(said.output.split())


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        ({"version": "15.9"}, "16 or newer"),
        ({"is_replica": True}, "primary"),
        ({"encoding": "SQL_ASCII"}, "ENCODING 'UTF8'"),
        ({"pgvector": None}, "install it"),
        ({"pgvector": "0.7.4"}, "ALTER EXTENSION vector UPDATE"),
        ({"is_installed": False}, "CREATE EXTENSION vector"),
        ({"tables": "9999"}, "newer version"),
        ({"clock_ahead": timedelta(seconds=-90)}, "90.0 s apart"),
        ({"connections": 95}, "max_connections"),
    ],
)
def test_what_is_wrong_comes_with_a_way_out(change: dict[str, Any], way_out: str) -> None:
    said = wrong_with(replace(WELL, **change))

    assert said
    assert way_out in said


def test_what_a_start_mends_is_told_and_not_wrong() -> None:
    new = replace(WELL, tables=None, is_installed=False, may_install=True)
    behind = replace(WELL, tables="0001", migrating=4711)

    assert wrong_with(WELL) is wrong_with(new) is wrong_with(behind) is None
    assert "no tables yet" in told(new)
    assert f"tables at 0001, to be brought to {HEAD} (process 4711 is at it)" in told(behind)
