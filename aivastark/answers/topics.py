"""Topics a project does not want spoken of, told by their words."""

from collections.abc import Iterable
from functools import lru_cache

from aivastark.kit.analysis import analyse


def speaks_of(topics: Iterable[str], text: str, *languages: str | None) -> bool:
    """Whether a text has all the words of one of the topics, in any inflection that one of the languages knows."""
    return any(_has(text, topic, language) for topic in topics for language in languages)


def _has(text: str, topic: str, language: str | None) -> bool:
    wanted = _terms(topic, language)
    return bool(wanted) and wanted <= _terms(text, language)


@lru_cache(maxsize=1_024)
def _terms(text: str, language: str | None) -> frozenset[str]:
    return frozenset(analyse(text, language))
