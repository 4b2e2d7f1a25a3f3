"""What a look that is over concludes, whatever it brought."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from aivastark.kit.clock import utc_now
from aivastark.sources.add import BACK_OFF_MAX, BACK_OFF_MAX_S, SPREAD, next_sync
from aivastark.sources.harvest import (
    HELD_FROM_DOCUMENTS,
    MISSES_MAX,
    Harvest,
    Removals,
    Staged,
    Standing,
    Trouble,
    conclude,
)
from aivastark.sources.models import Source

FATES = ("seen", "changed", "failed", "skipped", "gone", "moved")
REMOVALS: tuple[Removals, ...] = ("certain", "accepted", "seen_twice", "none")


def standing(number: int, misses: int = 0) -> Standing:
    return Standing(
        id=f"doc_{number}",
        locator=f"/{number}",
        title=None,
        url=None,
        content_hash=f"hash {number}",
        etag=None,
        last_modified=None,
        recipe="recipe",
        chunk_count=1,
        misses=misses,
        fingerprint=None,
    )


def staged(content_hash: str) -> Staged:
    return Staged(id="doc_new", content_hash=content_hash, chunk_count=1)


def harvest_of(fates: list[tuple[str, int]]) -> Harvest:
    """A look in which the published documents fared like this; how often each was missed before stands beside."""
    harvest = Harvest(published={f"/{number}": standing(number, missed) for number, (_, missed) in enumerate(fates)})
    for locator, (fate, _) in zip(harvest.published, fates, strict=True):
        match fate:
            case "seen":
                harvest.seen.add(locator)
            case "changed":
                harvest.staged[locator] = staged("new bytes")
            case "failed" | "skipped":
                trouble = Trouble(locator=locator, code="code", message="A sentence.", skipped=fate == "skipped")
                harvest.troubles[locator] = trouble
            case "moved":
                harvest.staged[f"/new{locator}"] = staged(harvest.published[locator].content_hash)
    return harvest


looks = some.lists(some.tuples(some.sampled_from(FATES), some.integers(0, 1)), max_size=30)


@given(looks, some.sampled_from(REMOVALS))
def test_every_document_has_one_fate(fates: list[tuple[str, int]], removals: Removals) -> None:
    harvest = harvest_of(fates)

    outcome = conclude(harvest, removals)

    parts = [outcome.replaced, outcome.withdrawn, outcome.missed]
    ids = [one.id for part in parts for one in part]
    assert len(ids) == len(set(ids))
    assert {one.id for one in outcome.going} == {one.id for one in [*outcome.replaced, *outcome.withdrawn]}
    fate_of = {f"doc_{number}": fate for number, (fate, _) in enumerate(fates)}
    assert {one.id for one in outcome.replaced} == {id_ for id_, fate in fate_of.items() if fate == "changed"}
    for one in [*outcome.withdrawn, *outcome.missed]:
        assert fate_of[one.id] in ("skipped", "gone", "moved")
    if removals != "none":
        missing = {id_ for id_, fate in fate_of.items() if fate in ("skipped", "gone", "moved")}
        assert {one.id for one in [*outcome.withdrawn, *outcome.missed]} == missing


@given(looks, some.sampled_from(REMOVALS))
def test_what_moved_or_is_left_out_goes_at_once_and_what_is_gone_by_the_rule(
    fates: list[tuple[str, int]], removals: Removals
) -> None:
    outcome = conclude(harvest_of(fates), removals)

    withdrawn = {one.id for one in outcome.withdrawn}
    for number, (fate, missed) in enumerate(fates):
        at_once = fate in ("moved", "skipped") or removals in ("certain", "accepted")
        goes = fate in ("skipped", "gone", "moved") and (at_once or missed + 1 >= MISSES_MAX) and removals != "none"
        assert (f"doc_{number}" in withdrawn) is goes


@given(looks, some.sampled_from(REMOVALS))
def test_more_than_three_tenths_of_five_or_more_are_held_unless_accepted(
    fates: list[tuple[str, int]], removals: Removals
) -> None:
    outcome = conclude(harvest_of(fates), removals)

    gone = sum(fate in ("gone", "skipped") for fate, _ in fates)
    too_many = len(fates) >= HELD_FROM_DOCUMENTS and gone * 10 > len(fates) * 3
    assert outcome.is_held is (too_many and removals in ("certain", "seen_twice"))


def test_a_part_says_nothing_of_what_was_not_looked_at() -> None:
    published = {f"/{number}": standing(number) for number in range(6)}
    harvest = Harvest(published=published, is_part=True)

    assert harvest.is_there("/1")
    assert not harvest.is_there("/elsewhere")
    harvest.troubles["/1"] = Trouble(locator="/1", code="duplicate", message="A sentence.", skipped=True)
    assert not harvest.is_there("/1")
    assert conclude(harvest, "none").going == []


# --- when a source is due again


def due_in(source_id: str, interval: int, failures: int, *, paused: bool = False) -> float:
    now = utc_now()
    source = Source(id=source_id, refresh_interval=interval, refresh_paused=paused, failures_in_a_row=failures)
    due = next_sync(source, now)
    return -1.0 if due is None else (due - now) / timedelta(seconds=1)


@given(some.text(min_size=1, max_size=30), some.integers(300, 31_536_000), some.integers(0, 60))
def test_a_source_is_due_after_its_interval_and_later_after_failures(id_: str, interval: int, failures: int) -> None:
    seconds = due_in(id_, interval, failures)

    patience = min(2**failures, BACK_OFF_MAX)
    least = min(interval * patience, max(BACK_OFF_MAX_S, interval))
    assert least - 0.001 <= seconds <= least * (1 + SPREAD) + 0.001
    assert seconds == pytest.approx(due_in(id_, interval, failures), abs=0.001)


def test_sources_of_the_same_interval_are_spread() -> None:
    due = sorted(due_in(f"src_{number}", 86_400, 0) for number in range(1_000))

    tenths = [
        sum(86_400 * (1 + SPREAD * part / 10) <= at < 86_400 * (1 + SPREAD * (part + 1) / 10) for at in due)
        for part in range(10)
    ]
    assert min(tenths) > 60


def test_a_paused_source_is_never_due() -> None:
    assert due_in("src_1", 3_600, 0, paused=True) == -1.0
