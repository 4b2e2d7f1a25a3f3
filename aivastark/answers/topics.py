"""Topics a project does not want spoken of, told by their words."""

from functools import lru_cache

from aivastark.kit.analysis import analyse


def speaks_of(topic: str, text: str, language: str | None) -> bool:
    """Whether a text has all the words of a topic, in any inflection its language knows."""
    wanted = _terms(topic, language)
    return bool(wanted) and wanted <= _terms(text, language)


@lru_cache(maxsize=1_024)
def _terms(text: str, language: str | None) -> frozenset[str]:
    return frozenset(analyse(text, language))
