"""What the world's linters say of the document."""

from pathlib import Path

import orjson

from aivastark.accounts.gate import DOORS
from tests.javascript.node import HERE, tool

# Asked before anybody can hold a key, a session or a visitor's token.
OPEN = {*DOORS, "/v1/widget/{embed_key}/session"}
NEEDS_SECURITY = "owasp:api2:2023-write-restricted"
ERROR = 0


def test_spectral_with_owasps_rules_finds_no_error(written: Path) -> None:
    ruleset = str(HERE / ".spectral.yaml")

    done = tool("spectral", "lint", str(written), "--ruleset", ruleset, "--format=json", "--quiet")

    errors = [one for one in orjson.loads(done.stdout) if one["severity"] == ERROR]
    open_ones = {one["path"][1] for one in errors if one["code"] == NEEDS_SECURITY}
    assert [one for one in errors if one["code"] != NEEDS_SECURITY] == []
    assert open_ones <= OPEN, f"{open_ones - OPEN} may be called by anybody"


def test_redocly_finds_no_error(written: Path) -> None:
    done = tool("redocly", "lint", str(written), "--extends", "recommended")

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
