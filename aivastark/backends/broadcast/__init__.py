"""Telling whoever listens that something changed."""
