"""The command line as people and programs use it: real commands on a data directory of their own."""

import asyncio
import os
import sqlite3
import sys
import tarfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from aivastark.__main__ import app
from aivastark.accounts.joining import claim
from aivastark.accounts.people_models import AuditEntry
from aivastark.accounts.sign_in import Browser
from aivastark.bootstrap import open_backends
from aivastark.commands.shell import run as run_coroutine
from aivastark.kit.ids import is_id
from tests.loopback import page, serving
from tests.make import make_settings


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "hashing")
    monkeypatch.setenv("AIVASTARK_LOG_LEVEL", "error")
    return tmp_path / "data"


def run(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])


def ran(data_dir: Path, *arguments: str) -> Any:
    """What a command that must succeed prints as JSON."""
    result = run(data_dir, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def test_init_makes_everything_once_and_shows_secrets_once(data_dir: Path) -> None:
    first, second = ran(data_dir, "init"), ran(data_dir, "init")

    assert is_id(first["organization_id"], "org")
    assert is_id(first["project_id"], "prj")
    assert first["api_key"].startswith("akv_live_")
    assert first["organization_key"].startswith("akv_live_")
    assert is_id(first["widget_id"], "wgt")
    assert first["embed_key"].startswith("akv_pub_")
    assert (second["api_key"], second["organization_key"]) == (None, None)
    same = ("organization_id", "project_id", "widget_id", "embed_key")
    assert [second[name] for name in same] == [first[name] for name in same]


def test_init_prints_a_link_for_the_first_person(data_dir: Path) -> None:
    link = ran(data_dir, "init", "--email", "Anna@Acme.example")["sign_in_url"]
    wrong = run(data_dir, "init", "--email", "nobody")

    assert link.startswith("http://127.0.0.1:8080/sign-in?token=")
    assert wrong.exit_code == 1
    assert "email" in wrong.output


def test_links_begin_where_the_operator_says(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIVASTARK_PUBLIC_URL", "https://support.example.com/")

    assert ran(data_dir, "init")["sign_in_url"].startswith("https://support.example.com/sign-in?token=")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PUBLIC_URL", "support.example.com"), ("SMTP_URL", "http://x"), ("OIDC_ISSUER", "https://id.example.com")],
)
def test_a_setting_about_people_that_makes_no_sense_is_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"AIVASTARK_{name}", value)

    result = run(data_dir, "init")

    assert result.exit_code == 2
    assert "AIVASTARK_" in result.output


def test_somebody_who_is_locked_out_is_let_in_again(data_dir: Path) -> None:
    claim = ran(data_dir, "init", "--email", "anna@acme.example")["sign_in_url"].partition("token=")[2]
    asyncio.run(_claim(data_dir, claim))

    unlocked = ran(data_dir, "person", "unlock", " Anna@acme.example ")
    [anna] = ran(data_dir, "person", "list")
    nobody = run(data_dir, "person", "unlock", "ben@acme.example")

    assert "/reset-password?token=" in unlocked["reset_url"]
    assert (anna["email"], anna["organizations"][0]["role"]) == ("anna@acme.example", "owner")
    assert nobody.exit_code == 1
    assert "ben@acme.example" in nobody.output
    assert ran(data_dir, "init")["sign_in_url"] is None


async def _claim(data_dir: Path, token: str) -> None:
    async with open_backends(make_settings(data_dir)) as backends:
        browser = Browser(address="127.0.0.1", user_agent="")
        await claim(backends, browser, token=token, email=None, name="Anna", password="correct horse battery")


def test_what_was_taken_in_is_found_and_answered_with_its_source(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "repairs.md").write_text("# Repairs\n\nThe workshop in Leeds repairs every kettle within ten days.")
    (folder / "hours.txt").write_text("The shop is open from nine to five.")

    taken = ran(data_dir, "ingest", str(folder), "--tag", "docs")
    found = ran(data_dir, "search", "kettle")
    answer = ran(data_dir, "ask", "How long does the workshop take to repair a kettle?")

    assert {source["status"] for source in taken} == {"ready"}
    assert any("ten days" in passage["text"] for passage in found)
    assert "within ten days. [1]" in answer["answer"]
    assert answer["citations"][0]["tags"] == ["docs"]


async def test_a_site_is_taken_in_page_by_page(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIVASTARK_ALLOW_PRIVATE_NETWORKS", "true")
    pages = {
        "/": page(200, b"<p>Welcome.</p><a href='/kettles'>Kettles</a>", {"Content-Type": "text/html"}),
        "/kettles": page(200, b"<p>Every kettle is repaired in ten days.</p>", {"Content-Type": "text/html"}),
    }

    async with serving(pages) as site:
        [taken] = await asyncio.to_thread(ran, data_dir, "ingest", "--crawl", site.url("/"))
    found = await asyncio.to_thread(ran, data_dir, "search", "kettle")

    assert (taken["status"], taken["chunks"]) == ("ready", 2)
    assert any("ten days" in passage["text"] for passage in found)


def test_a_file_that_cannot_be_read_ends_with_one_and_a_sentence(data_dir: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nbroken to pieces")

    result = run(data_dir, "ingest", str(broken))

    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_a_path_that_is_not_there_ends_with_one_and_names_it(data_dir: Path) -> None:
    result = run(data_dir, "ingest", "/nowhere/at/all")

    assert result.exit_code == 1
    assert "/nowhere/at/all" in result.output


def test_wrong_usage_ends_with_two_and_names_the_setting(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIVASTARK_MAX_UPLOAD_MB", "many")

    result = run(data_dir, "init")

    assert result.exit_code == 2
    assert "AIVASTARK_MAX_UPLOAD_MB" in result.output


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("said", ["", " \t", "x" * 8_001])
def test_nothing_is_not_looked_for(data_dir: Path, command: str, said: str) -> None:
    result = run(data_dir, command, said)

    assert result.exit_code == 2
    assert "8,000 characters" in result.output


@pytest.mark.parametrize(("asked", "is_told"), [(None, False), ("info", True)])
def test_who_watches_taking_in_reads_a_log_only_if_asked_for(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, is_told: bool
) -> None:
    monkeypatch.delenv("AIVASTARK_LOG_LEVEL")
    if asked is not None:
        monkeypatch.setenv("AIVASTARK_LOG_LEVEL", asked)
    (tmp_path / "hours.txt").write_text("The shop is open from nine to five.")

    result = run(data_dir, "ingest", str(tmp_path / "hours.txt"))

    assert "1 of 1 taken in, 1 passages." in result.output
    assert ("source published" in result.output) is is_told


def test_keys_are_made_listed_and_revoked(data_dir: Path) -> None:
    ran(data_dir, "init")

    made = ran(data_dir, "key", "create", "--name", "for the shop", "--scope", "query")
    revoked = run(data_dir, "key", "revoke", made["id"])
    listed = ran(data_dir, "key", "list")

    assert made["api_key"].startswith("akv_live_")
    assert made["scopes"] == ["query"]
    assert revoked.exit_code == 0
    assert (listed[0]["name"], listed[0]["revoked"]) == ("for the shop", True)
    assert made["api_key"] not in orjson.dumps(listed).decode()


def test_a_plan_is_shown_and_changed(data_dir: Path) -> None:
    organization = ran(data_dir, "init")["organization_id"]

    ran(data_dir, "plan", "set", organization, "--plan", "growth", "--per-minute", "120", "--members", "none")
    ran(data_dir, "plan", "set", organization, "--members", "plan", "--no-api-access", "--per-day", "none")
    shown = ran(data_dir, "plan", "show")
    noted = audit_log(data_dir, "plan.changed")

    assert (shown["plan"], shown["api_access"]) == ("growth", False)
    assert shown["overridden"] == ["api_access", "per_day", "per_minute"]
    assert (shown["limits"]["per_minute"], shown["limits"]["per_day"]) == (120, None)
    assert shown["limits"]["members"] == 20
    overrides = {"api_access": False, "per_day": None, "per_minute": 120}
    assert [entry.details["overrides"] for entry in noted] == [{"per_minute": 120, "members": None}, overrides]
    assert {(entry.actor_id, entry.target) for entry in noted} == {("command_line", organization)}


def audit_log(data_dir: Path, action: str) -> list[AuditEntry]:
    """What was noted under this name, oldest first."""
    which = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)

    async def look() -> list[AuditEntry]:
        async with open_backends(make_settings(data_dir)) as backends:
            return await backends.db.read(lambda session: list(session.scalars(which)))

    return run_coroutine(look())


@pytest.mark.parametrize(
    "wrong", [("--plan", "golden"), ("--per-minute", "none"), ("--per-minute", "0"), ("--projects", "many")]
)
def test_a_plan_that_makes_no_sense_is_refused(data_dir: Path, wrong: tuple[str, str]) -> None:
    organization = ran(data_dir, "init")["organization_id"]

    assert run(data_dir, "plan", "set", organization, *wrong).exit_code == 2
    assert run(data_dir, "plan", "set", "org_01ARZ3NDEKTSV4RRFFQ69G5FAV", "--plan", "growth").exit_code == 1


def test_a_key_cannot_have_a_scope_that_does_not_exist(data_dir: Path) -> None:
    ran(data_dir, "init")

    assert run(data_dir, "key", "create", "--scope", "everything").exit_code == 2


def test_a_key_for_a_project_that_is_not_there_is_refused(data_dir: Path) -> None:
    ran(data_dir, "init")

    result = run(data_dir, "key", "create", "--project", "prj_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert result.exit_code == 1
    assert "prj_01ARZ3NDEKTSV4RRFFQ69G5FAV" in result.output


def test_a_backup_is_a_whole_data_directory(data_dir: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The shop is open from nine to five.")
    ran(data_dir, "ingest", str(note))
    archive, restored = tmp_path / "backup.tar.gz", tmp_path / "restored"

    result = run(data_dir, "backup", str(archive))
    with tarfile.open(archive) as packed:
        packed.extractall(restored, filter="data")

    assert result.exit_code == 0, result.output
    assert "nine to five" in ran(restored, "search", "open shop")[0]["text"]


def test_the_doctor_finds_a_good_install_well(data_dir: Path) -> None:
    result = run(data_dir, "doctor")

    assert result.exit_code == 0, result.output
    assert "wrong" not in result.output


@pytest.mark.parametrize(
    ("environment", "status", "says"),
    [
        ({"AIVASTARK_OCR_LANGUAGES": "deu"}, 0, "tesseract, deu"),
        ({"AIVASTARK_OCR_LANGUAGES": "deu+tlh"}, 1, "tesseract lacks tlh"),
        ({"AIVASTARK_OCR": "off"}, 0, "off: scans and pictures are not read"),
        ({"PATH": "/nowhere"}, 0, "tesseract is not installed"),
    ],
)
def test_the_doctor_says_whether_scans_can_be_read(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], status: int, says: str
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    result = run(data_dir, "doctor")

    assert result.exit_code == status, result.output
    assert says in " ".join(result.output.split())


def test_migrate_says_whether_there_was_anything_to_do(data_dir: Path) -> None:
    first, second = run(data_dir, "migrate"), run(data_dir, "migrate")

    assert "newest form" in first.output
    assert "Nothing to do" in second.output


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_the_work_of_a_command_runs_on_the_fast_event_loop() -> None:
    async def whose_loop() -> str:
        return type(asyncio.get_running_loop()).__module__

    loop = run_coroutine(whose_loop())

    assert loop == "uvloop"


def test_a_settings_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIVASTARK_CONFIG", "/nonexistent/settings.toml")

    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == 2
    assert "/nonexistent/settings.toml" in result.output.replace("\n", "")


def test_a_question_from_the_shell_is_masked_where_the_project_wants_it(data_dir: Path) -> None:
    ran(data_dir, "init")
    with sqlite3.connect(data_dir / "aivastark.db") as records:
        records.execute("""UPDATE projects SET settings = '{"privacy": {"mask": ["email"]}}'""")

    answer = ran(data_dir, "ask", "I am jane.doe@example.com. Do you sell teapots?")

    assert not answer["answered"]
    stored = [file.read_bytes() for file in data_dir.rglob("*") if file.is_file()]
    assert any(b"I am [email 1]. Do you sell teapots?" in content for content in stored)
    assert not any(b"jane.doe" in content for content in stored)
