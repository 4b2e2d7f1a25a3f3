"""The demo: a real documentation set, bundled whole, taken in once, asked about, and kept apart from real installs."""

import pytest
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.commands.demo import PROJECT, QUESTIONS, Ask, Page, pages, show
from aivastark.commands.install import install
from aivastark.commands.shell import CommandFailed
from aivastark.settings import Settings
from aivastark.sources.models import Source

SOME = ("faq.html", "threadsafe.html", "lang_vacuum.html", "lts.html")
ASKED = (
    Ask(message="Is SQLite threadsafe?", in_conversation=True),
    Ask(message="And does VACUUM change rowids?", in_conversation=True),
    Ask(message="Zzyzx qwertz plugh?"),
)


@pytest.fixture(scope="module")
def some_pages() -> list[Page]:
    return [page for page in pages() if page.name in SOME]


def test_at_least_a_hundred_pages_are_bundled_with_title_and_public_address() -> None:
    bundled = list(pages())

    assert len(bundled) >= 100
    assert all(page.url == f"https://sqlite.org/{page.name}" for page in bundled)
    assert all(page.title and page.title != page.name for page in bundled)
    assert len({page.content for page in bundled}) == len(bundled)


def test_at_least_twelve_questions_are_asked_one_of_them_a_follow_up() -> None:
    assert len(QUESTIONS) >= 12
    assert sum(question.in_conversation for question in QUESTIONS) >= 2


async def test_it_prints_answers_with_their_sources_and_refuses_what_it_cannot_know(
    backends: Backends, settings: Settings, some_pages: list[Page], capsys: pytest.CaptureFixture[str]
) -> None:
    project_id, key = await show(backends, settings, pages=some_pages, questions=ASKED)
    printed = capsys.readouterr().out

    assert project_id.startswith("prj_")
    assert key.startswith("akv_live_")
    assert "4 pages" in printed
    assert "? Is SQLite threadsafe?" in printed
    assert "https://sqlite.org/" in printed
    assert "confidence" in printed
    assert "3 questions:" in printed
    assert "I don't know." in printed


async def test_a_second_run_uses_what_the_first_took_in(
    backends: Backends, settings: Settings, some_pages: list[Page], capsys: pytest.CaptureFixture[str]
) -> None:
    await show(backends, settings, pages=some_pages, questions=ASKED[:1])
    await show(backends, settings, pages=some_pages, questions=ASKED[:1])
    sources = await backends.db.read(lambda session: list(session.scalars(select(Source))))
    assert len(sources) == len(SOME)
    assert {source.version for source in sources} == {1}


async def test_it_refuses_the_data_directory_of_a_real_install(
    backends: Backends, settings: Settings, some_pages: list[Page]
) -> None:
    made = await install(backends.db, plan="enterprise", organization=None, project="Our help centre")

    with pytest.raises(CommandFailed, match="belongs to a real install"):
        await show(backends, settings, pages=some_pages, questions=ASKED)
    assert made["project_id"]
    assert PROJECT != "Our help centre"
