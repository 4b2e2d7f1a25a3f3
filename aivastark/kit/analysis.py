"""Text to search terms: one analyser for every engine, so that ranking never depends on the engine.

Words are normalised (NFKC, lower case), stemmed by language (Snowball) and then stripped of Latin and Greek
accents, so that `contraseña` is found by `contrasena`. Compounds such as `snake_case`, `camelCase`,
`foo.bar`, `AKV-12` and `1,000` give their whole and their parts. Scripts without spaces give character
bigrams (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese).
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import Stemmer

from aivastark.kit.stop_words import STOP_WORDS

MAX_TERM = 64
"""Characters of one term; the rest of a longer word is cut off (a word so long is data, not language)."""
MAX_CACHED_WORDS = 20_000
"""Distinct words remembered per thread and language, about 5 MB at most; then the cache starts anew."""

# Scripts written without spaces. Hangul has them, but particles stick to its words; bigrams see through.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
# Combining marks and joiners belong to a word, yet Python's \w leaves them out.
_MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962-\u0963\u0980-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d"
    "\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d"
    "\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d\u0dca-\u0ddf\u200c\u200d"
    "\u1ab0-\u1aff\u1dc0-\u1dff\ufe00-\ufe0f"
)
_LETTERS = rf"[^\W_{_UNSPACED}]"
_WORD = rf"{_LETTERS}+(?:[{_MARKS}]+{_LETTERS}*)*"
_JOINED = rf"(?:(?:[._\-'’@&+‐]|(?<=\d),(?=\d\d\d)){_WORD})*"
_TOKEN = re.compile(rf"(?P<word>{_WORD}{_JOINED}(?:\+\+|\#(?!\w))?)|(?P<run>[{_UNSPACED}]+)")
_HAS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_PART = re.compile(rf"{_WORD}")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_LABELLED_NUMBER = re.compile(r"([^\W\d_]{2,})(\d+)")
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200c\u200d\u0640"), None) | {ord("’"): "'", ord("‐"): "-"}
_TURKISH_LOWER = {ord("I"): "ı", ord("İ"): "i"}
_AFTER_STEM = {ord("ı"): "i", ord("ø"): "o", ord("đ"): "d", ord("ł"): "l", ord("ё"): "е"}

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


class Token(NamedTuple):
    """A term and where its characters stand in the text given: `text[start:end]`."""

    text: str
    start: int
    end: int


class _Piece(NamedTuple):
    """A term inside one compound, before its place in the text is known."""

    term: str
    start: int
    end: int
    is_stop_word: bool


def is_unspaced(text: str) -> bool:
    """Whether any of it is in a script written without spaces, in which a word is found as a part of others."""
    return _HAS_UNSPACED.search(text) is not None


def analyse(text: str, language: str | None) -> list[str]:
    """The terms a question is searched by: stop words dropped, unless it consists of nothing else."""
    return [token.text for token in spans(text, language)]


def analyse_document(text: str, language: str | None) -> list[str]:
    """The terms a text is found by: all of them, so that a question made of stop words still finds it."""
    cache = _cache_for(language)
    return [piece.term for match in _TOKEN.finditer(text) for piece in _pieces(match, language, cache)]


def spans(text: str, language: str | None) -> list[Token]:
    """Like `analyse`, with offsets into `text`. A compound's whole precedes and overlaps its parts."""
    cache = _cache_for(language)
    content: list[Token] = []
    function: list[Token] = []
    for match in _TOKEN.finditer(text):
        offset = match.start()
        for piece in _pieces(match, language, cache):
            found = Token(piece.term, offset + piece.start, offset + piece.end)
            (function if piece.is_stop_word else content).append(found)
    return content or function


_Cache = dict[str, tuple[_Piece, ...]]


class _PerThread(threading.local):
    """Snowball stemmers hold a buffer and are not thread-safe: each thread has its own, and its own cache."""

    def __init__(self) -> None:
        self.stemmers: dict[str, Stemmer.Stemmer] = {}
        self.caches: dict[str | None, _Cache] = {}


_per_thread = _PerThread()


def _cache_for(language: str | None) -> _Cache:
    cache = _per_thread.caches.setdefault(language, {})
    if len(cache) > MAX_CACHED_WORDS:
        cache.clear()
    return cache


def _pieces(match: re.Match[str], language: str | None, cache: _Cache) -> tuple[_Piece, ...]:
    whole = match.group()
    if match.lastgroup == "run":  # too many distinct runs to be worth remembering
        return tuple(_bigrams(whole))
    pieces = cache.get(whole)
    if pieces is None:
        pieces = cache[whole] = tuple(_expand(whole, language))
    return pieces


def _bigrams(run: str) -> Iterator[_Piece]:
    if len(run) == 1:
        yield _Piece(unicodedata.normalize("NFKC", run), 0, 1, False)
    for start in range(len(run) - 1):
        yield _Piece(unicodedata.normalize("NFKC", run[start : start + 2]), start, start + 2, False)


def _expand(compound: str, language: str | None) -> Iterator[_Piece]:
    """The whole of a compound and its parts; a plain word is one piece."""
    composed = unicodedata.normalize("NFC", compound)
    if composed != compound:  # rare: the terms of the composed form, each standing for all of the compound
        for piece in _expand(composed, language):
            yield piece._replace(start=0, end=len(compound))
        return
    if _GROUPED_NUMBER.fullmatch(compound):
        yield _Piece(compound.replace(",", "").replace(".", ""), 0, len(compound), False)
        if "." in compound:  # also a version or a decimal
            yield _Piece(compound, 0, len(compound), False)
        return
    word = _without_possessive(compound, language)
    parts = list(_parts(word, 0, len(word)))
    if len(parts) == 1 and parts[0] == (0, len(word)):
        yield _piece(word, 0, len(word), language)
        return
    if (whole := _whole(word, language)) is not None:
        is_stop_word = _normalise(word, language) in STOP_WORDS.get(language or "", ())
        yield _Piece(whole[:MAX_TERM], 0, len(word), is_stop_word)
        if _apostrophe_inside(word):  # `don't`, `O'Brien`: the halves are not words
            return
    for start, end in parts:
        yield _piece(word[start:end], start, end, language)


def _without_possessive(compound: str, language: str | None) -> str:
    return compound[:-2] if language == "en" and compound[-2:] in {"'s", "’s", "'S", "’S"} else compound


def _parts(word: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of the words a compound is made of."""
    for match in _PART.finditer(word, start, end):
        cuts = [match.start(), *(cut.start() for cut in _CAMEL.finditer(word, *match.span())), match.end()]
        halves = list(pairwise(cuts))
        if len(halves) > 1 and all(right - left > 1 for left, right in halves):
            yield from halves
        elif labelled := _LABELLED_NUMBER.fullmatch(match.group()):
            yield match.start() + labelled.start(1), match.start() + labelled.end(1)
            yield match.start() + labelled.start(2), match.start() + labelled.end(2)
        else:
            yield match.span()


def _whole(word: str, language: str | None) -> str | None:
    """One term for a compound: `e-mail` like `email`, `snake_case` like `snakeCase`; dots and signs stay.

    `None` where only the parts mean something: elisions such as `l'eau`.
    """
    plain = _fold(_normalise(word, language), language)
    if _apostrophe_inside(plain):
        return plain.replace("'", "") if language == "en" else None
    return re.sub(r"(?<!\d)[-_]|[-_](?!\d)", "", plain)


def _apostrophe_inside(word: str) -> bool:
    return "'" in word or "’" in word


def _piece(word: str, start: int, end: int, language: str | None) -> _Piece:
    plain = _normalise(word, language)
    is_stop_word = language is not None and plain in STOP_WORDS.get(language, ())
    return _Piece(_fold(_stem(plain, language), language)[:MAX_TERM], start, end, is_stop_word)


def _normalise(word: str, language: str | None) -> str:
    if word.isascii() and language not in {"tr", "az"}:
        return word.lower()
    word = word.translate(_INVISIBLE)
    if language in {"tr", "az"}:
        word = word.translate(_TURKISH_LOWER)
    word = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).lower())
    if any(character.isdecimal() and not character.isascii() for character in word):
        word = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)
    return word


def _stem(word: str, language: str | None) -> str:
    algorithm = _STEMMERS.get(language or "")
    if algorithm is None or word[:1].isdigit():
        return word
    stemmer = _per_thread.stemmers.get(algorithm)
    if stemmer is None:
        stemmer = _per_thread.stemmers[algorithm] = Stemmer.Stemmer(algorithm, 0)
    return str(stemmer.stemWord(word))


def _fold(word: str, language: str | None) -> str:
    """Case folded, without the accents of Latin and Greek and the vowel points of Arabic and Hebrew.

    Marks of other scripts are letters in all but name; Vietnamese tones tell words apart and stay.
    """
    if word.isascii():
        return word
    word = word.casefold()
    if language == "vi":
        return word
    bare: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", word.translate(_AFTER_STEM)):
        if unicodedata.combining(character):
            if base < "\u0400" or "\u0591" <= character <= "\u0670":
                continue
        else:
            base = character
        bare.append(character)
    return unicodedata.normalize("NFC", "".join(bare))
