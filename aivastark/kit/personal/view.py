"""A text as it is meant: what cannot be seen left out, digits of every script and full-width signs as ASCII.

Looks alone are changed; each character knows where it stood, so that what is found here is cut out of the original.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe58\ufe63\uff0d")
_OVER_DIGITS = frozenset(range(0x300, 0x370)) | frozenset(range(0x20D0, 0x2100)) | frozenset(range(0xFE00, 0xFE10))
"""Accents, keycaps and the like that stand on the character before: `1️⃣` is a 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """`text` is looked at; `places` says where its characters stood, where that is another place."""

    text: str
    places: Sequence[int] | None
    length: int
    """Of the original."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that looks like `text[start:end]`, with what is unseen inside and behind it."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end] if end < len(self.places) else self.length


class _Seen(dict[int, str]):
    """What each character looks like; empty for what is not seen. Grows by the characters that came."""

    def __missing__(self, code: int) -> str:
        seen = self[code] = _look(chr(code))
        return seen


_SEEN = _Seen()


def view_of(text: str) -> View:
    """The text as it is meant. Plain ASCII, the usual case, costs nothing."""
    if text.isascii():
        return View(text=text, places=None, length=len(text))
    seen = text.translate(_SEEN)
    if len(seen) == len(text):
        return View(text=seen, places=None, length=len(text))
    return View(
        text=seen,
        places=[place for place, character in enumerate(text) if _SEEN[ord(character)]],
        length=len(text),
    )


def _look(character: str) -> str:
    if ord(character) in _OVER_DIGITS or unicodedata.category(character) == "Cf":
        return ""
    if character in _DASHES:
        return "-"
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(int(digit))
    if unicodedata.category(character) == "Zs":
        return " "
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
