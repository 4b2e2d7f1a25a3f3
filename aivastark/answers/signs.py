"""What a sentence says with signs and markup, where words alone find no difference.

"Within <30 days" has the words of "within 30 days", `[page](header)` those of "page header", and where a page speaks of
scripts, `<script>` is made of its words. A sentence may have such things only where its quote has them too.
"""

import re
import unicodedata
from collections.abc import Iterator

from aivastark.answers.wordings import units

MARKUP = re.compile(
    r"!?\[[^\[\]]*\]\s?(?:\([^()]*\)?|\[[^\[\]]*\]?|:\s*\S+)"  # links and pictures, inline and by reference
    r"|<(?:[^\W\d]|[/!?])[^>]*>?"  # tags, comments, addresses in angles
    r"|&(?:#?\w+);"  # characters by name or number
    r"|\S*(?:://|(?<!\w)//(?=\w)|(?<!\w)www\.|(?<!\w)(?:javascript|data|vbscript|mailto|tel):)\S*",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d]) [>→›] (?=[^\W\d])")
"""Steps of a menu: as good as a comma."""
_DECORATION = frozenset("`|")
_BRACKETED = re.compile(r"[^\s`(]*[\[\]{}][^\s`)]*")
"""A place in a list, a placeholder: code, whose brackets are part of the name."""
_SIGNED = re.compile(r"(?<![\w.,)])([+<>≤≥±~≈≠=]+\s?|[-−])?(\d+(?:[.,:/]\d+)*)(\s?\+(?!\w)|\+)?")
_STRUCK = re.compile("[\u0334-\u0338\u20d0-\u20ef]")


def says_otherwise(sentence: str, quote: str) -> bool:
    """Whether the sentence has markup or a sign that its quote has not, or a number without its sign."""
    folded = _folded(quote)
    if any(_folded(found.group()).rstrip(".,;:!?") not in folded for found in MARKUP.finditer(sentence)):
        return True
    if any(found.group().rstrip(".,;:!?") not in quote for found in _BRACKETED.finditer(sentence)):
        return True
    if not set(_signs(_BETWEEN_WORDS.sub(" ", sentence))) <= {*quote, *_DECORATION, *_unit_signs(quote)}:
        return True
    signed, plain = _numbers(sentence), _numbers(quote)
    values = {value for _, value, _ in plain}
    return any(one not in plain and one[1] in values for one in signed)


def _signs(text: str) -> Iterator[str]:
    for character in text:
        if unicodedata.category(character) in {"Sm", "Sc", "Sk", "So", "No"} or _STRUCK.match(character):
            yield character


def _unit_signs(quote: str) -> Iterator[str]:
    """Signs for units that the quote writes as words: € where it says "euros"."""
    known = units()
    written = {known.get(word) for word in re.findall(r"[^\W\d_]+", quote.lower())} - {None}
    return (sign for sign, unit in known.items() if len(sign) == 1 and unit in written)


def _numbers(text: str) -> set[tuple[str, str, str]]:
    """Each number with the signs before and behind it."""
    found = _SIGNED.finditer(text)
    return {((one[1] or "").strip().replace("−", "-"), one[2], (one[3] or "").strip()) for one in found}


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()
