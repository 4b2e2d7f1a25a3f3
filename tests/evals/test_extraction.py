"""How extraction is measured, and that ours reaches its floors on the pages kept here."""

import pytest

from evals.extraction.extractors import Output, aivastark
from evals.extraction.floors import FLOORS, OURS, missed
from evals.extraction.gold import Gold, gold_of
from evals.extraction.marks import KINDS, PAGES, Page, pages
from evals.extraction.measure import score, summarise

GOLD = Gold(
    text="Install\nRun it twice\nport 80",
    headings=("Install",),
    items=("Run it twice",),
    rows=(("port", "80"),),
    code=("if x:\n    run()",),
)


def test_words_count_as_often_as_they_stand_there_and_structure_where_it_is_found_again() -> None:
    found = score(
        Output(
            text="Menu Install Run it port 80",
            headings=("install",),
            items=("Run it",),
            rows=("| Port | 80 |",),
            code=("if x:\n        run()",),
        ),
        GOLD,
    )

    assert (found.kept, found.clean) == (5 / 6, 5 / 6)
    assert (found.headings, found.items, found.rows, found.code) == (1.0, 0.0, 1.0, 0.0)


def test_an_output_without_words_keeps_nothing() -> None:
    found = score(Output(text=""), GOLD)
    assert (found.kept, found.clean, found.f1) == (0.0, 0.0, 0.0)


def test_gold_is_what_the_marks_leave_with_its_structure() -> None:
    page = Page(
        kind="mdbook",
        name="made",
        markup=b"<body><nav>Menu</nav><main><h1>Install</h1><nav>Next</nav><ul><li>Run <b>it</b></ul>"
        b"<table><tr><th>port<td>80<tr><th>host<td>a</table><pre>if x:<br>    run()</pre></main>",
    )

    gold = gold_of(page)

    assert gold.text.split() == ["Install", "Run", "it", "port", "80", "host", "a", "if", "x:", "run()"]
    assert (gold.headings, gold.items) == (("Install",), ("Run it",))
    assert (gold.rows, gold.code) == ((("port", "80"), ("host", "a")), ("if x:\n    run()",))


def test_one_who_is_better_or_a_floor_that_is_not_reached_is_told() -> None:
    perfect = dict.fromkeys(("kept", "clean", "f1", "headings", "items", "rows", "code"), 1.0)
    worse = {**perfect, "kept": 0.5, "rows": float("nan")}

    assert missed("held out", {OURS: perfect, "other": worse}) == []
    assert missed("held out", {OURS: worse, "other": perfect}) == [
        "held out: kept ≥ 0.99 (is 0.500)",
        "held out: rows ≥ 0.99 (is nan)",
        "held out: kept ≥ that of other, 1.000 (is 0.500)",
    ]


@pytest.mark.parametrize("half", FLOORS)
def test_on_the_pages_kept_here_every_floor_is_reached(half: str) -> None:
    scores = [score(aivastark(page.markup), gold_of(page)) for page in pages() if page.half == half]

    assert missed(half, {OURS: summarise(scores)}) == []


def test_each_kind_of_page_has_marks_and_a_licence() -> None:
    kinds = {folder.name for folder in PAGES.iterdir() if folder.is_dir()}
    listed = (PAGES / "README.md").read_text(encoding="utf-8")

    assert kinds == set(KINDS)
    assert [kind for kind in kinds if f"| {kind} |" not in listed] == []
