"""Whether an answer is what a test expects of it, and how it differs from the one before."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aivastark.answer_tests.models import AnswerTest
from aivastark.kit.analysis import analyse_document

_MARKER = re.compile(r"\s*\[\d+\]")


def shortcomings(test: AnswerTest, after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each expectation that `after`, as `told_of` makes it, does not meet: `code` and what was expected; none = passed.

    Words are compared as the search compares them, so that case, accents and inflection make no difference.
    """
    if test.must_refuse:
        return [_reason("answered")] if after["answered"] else []
    if not after["answered"] and (test.must_cite or test.must_say or test.min_confidence is not None):
        return [_reason("not_answered")]
    said = _terms(_MARKER.sub("", after["answer"]), after["language"])
    cited = {name for one in after["citations"] for name in _names(one)}
    found = [_reason("not_cited", name) for name in test.must_cite if name.casefold() not in cited]
    found += [_reason("not_said", one) for one in test.must_say if not _has(said, _terms(one, after["language"]))]
    found += [_reason("said", one) for one in test.must_not_say if _has(said, _terms(one, after["language"]))]
    if test.min_confidence is not None and after["confidence"] < test.min_confidence:
        found.append(_reason("unsure", test.min_confidence))
    return found


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """What changed since the run before: `answered`, `sources`, `text`; nothing where there was none."""
    if before is None:
        return []
    changed = ["answered"] if before["answered"] != after["answered"] else []
    if _sources(before) != _sources(after):
        changed.append("sources")
    if before["answer"] != after["answer"]:
        changed.append("text")
    return changed


def _sources(told: Mapping[str, Any]) -> set[str]:
    return {one["source_id"] for one in told["citations"]}


def _names(citation: Mapping[str, Any]) -> list[str]:
    """What a cited source may be called by, without regard to case."""
    return [name.casefold() for name in (citation["source_id"], citation["url"], citation["title"]) if name]


def _terms(text: str, language: str | None) -> list[str]:
    return analyse_document(text, language)


def _has(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` stands in `said` in one stretch."""
    size = len(wanted)
    return any(said[start : start + size] == wanted for start in range(len(said) - size + 1))


def _reason(code: str, expected: object = None) -> dict[str, Any]:
    return {"code": code, "expected": None if expected is None else str(expected)}
