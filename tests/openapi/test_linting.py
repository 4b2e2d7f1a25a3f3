"""What the world's linters say of the document."""

from pathlib import Path

from tests.javascript.node import HERE, tool


def test_spectral_with_owasps_rules_finds_no_error(written: Path) -> None:
    ruleset = str(HERE / ".spectral.yaml")

    done = tool("spectral", "lint", str(written), "--ruleset", ruleset, "--fail-severity=error", "--quiet")

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_redocly_finds_no_error(written: Path) -> None:
    done = tool("redocly", "lint", str(written), "--extends", "recommended")

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
