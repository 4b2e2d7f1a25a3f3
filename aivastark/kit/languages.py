"""Which language a text is in: by its script, by its function words, and only then by a statistical model."""

import re
import threading
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

from aivastark.kit.stop_words import STOP_WORDS

SAMPLE = 2_000
"""Characters looked at: more says nothing new."""
MIN_MODEL_LETTERS = 40
"""Letters below which the statistical model guesses (it takes `hola amigo` for Zulu)."""
MIN_MODEL_CONFIDENCE = 0.8
"""Probability below which its answer is not used."""
MIN_SCRIPT_SHARE = 0.3
"""Share of the letters that decides for a script; product names in Latin are common in any text."""

MIN_FUNCTION_SHARE = 0.08
"""Share of the words that must be a language's function words; running text has 0.3 and more."""
MIN_VOTES = 1.0
"""Function words of its own needed when nothing is known of the project's languages."""

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("kana", "\u3040-\u30ff"),
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff"),
    ("han", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    ("cyrillic", "\u0400-\u052f"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f"),
    ("devanagari", "\u0900-\u097f"),
    ("he", "\u0590-\u05ff"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("hy", "\u0530-\u058f"),
    ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"),
    ("gu", "\u0a80-\u0aff"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"),
    ("si", "\u0d80-\u0dff"),
    ("th", "\u0e00-\u0e7f"),
    ("lo", "\u0e80-\u0eff"),
    ("my", "\u1000-\u109f"),
    ("ka", "\u10a0-\u10ff"),
    ("am", "\u1200-\u137f"),
    ("km", "\u1780-\u17ff"),
)
_SCRIPT = re.compile("|".join(f"(?P<{name}>[{characters}])" for name, characters in _SCRIPTS))
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# What a support site is written in; dialects and neighbours of these only steal their texts.
_MODEL_LANGUAGES = frozenset(
    """af az be bg bs ca cs cy da de en es et eu fa fi fr ga gl hi hr hu id is it kk lt lv mk mn mr ms ne nl no
    pl pt ro ru sk sl sq sr sv sw tl tr uk ur uz vi""".split()  # noqa: SIM905
)
_lock = threading.Lock()


def detect(text: str, among: Collection[str] | None = None) -> str | None:
    """The ISO 639-1 code of the language most of `text` is in, or `None` when unsure.

    `among` is the languages a project really has: a short question alone says little, but among two
    languages it says enough. An answer is always one of them.
    """
    allowed = None if among is None else set(among)
    if allowed is not None and len(allowed) <= 1:
        return next(iter(allowed), None)
    sample = text[:SAMPLE]
    script = _script(sample)
    if script is None:
        return None
    if (language := _of_script(script, sample)) is not None:
        return language if allowed is None or language in allowed else None
    return _by_function_words(sample, allowed) or _by_model(sample, allowed)


def _script(sample: str) -> str | None:
    """The script's name (a language's code where it has one language), `latin`, or `None` without letters."""
    if sample.isascii():  # most questions; none of the scripts is, and to look for each takes longer than the rest
        return "latin" if _LATIN.search(sample) else None
    counts = Counter(match.lastgroup or "" for match in _SCRIPT.finditer(sample))
    latin = len(_LATIN.findall(sample))
    if not counts:
        return "latin" if latin else None
    script, count = counts.most_common(1)[0]
    if script == "han" and counts["kana"] > count / 20:  # Japanese mixes both; Chinese has no kana
        script = "kana"
    return script if sum(counts.values()) >= MIN_SCRIPT_SHARE * (latin + sum(counts.values())) else "latin"


def _of_script(script: str, sample: str) -> str | None:
    """The language, where script and letters tell it; `None` for the scripts that several share."""
    if script == "kana":
        return "ja"
    if script == "han":
        return "zh"
    if script in {"latin", "arabic", "devanagari", "cyrillic"}:
        return _by_letters(script, sample)
    return script


def _by_letters(script: str, sample: str) -> str | None:
    letters = set(sample.lower())
    if script == "cyrillic":
        if letters & set("їєґ"):
            return "uk"
        if letters & set("ыэё") and not letters & set("іў"):
            return "ru"
    if script == "arabic":
        if letters & set("ٹڈڑں"):
            return "ur"
        if letters & set("پچژگ") and letters & set("یک"):
            return "fa"
    return None


def _by_function_words(sample: str, allowed: set[str] | None) -> str | None:
    """The language with the most function words, if it leads clearly (half as many again)."""
    words = [word.replace("’", "'") for word in _WORDS.findall(sample.lower())]
    words += [part for word in words if "'" in word for part in word.split("'")]
    votes: dict[str, float] = {}
    for word in words:
        languages = _languages_by_word().get(word, [])
        languages = [code for code in languages if allowed is None or code in allowed]
        for code in languages:  # a word that several languages share says less
            votes[code] = votes.get(code, 0.0) + 1 / len(languages)
    if not votes:
        return None
    ranked = sorted(votes, key=lambda code: votes[code], reverse=True)
    first, second = votes[ranked[0]], votes[ranked[1]] if len(ranked) > 1 else 0.0
    enough = max(MIN_VOTES if allowed is None else 0.5, MIN_FUNCTION_SHARE * len(words))
    return ranked[0] if first >= enough and first >= 1.5 * second else None


@cache
def _languages_by_word() -> dict[str, list[str]]:
    by_word: dict[str, list[str]] = {}
    for language, words in STOP_WORDS.items():
        for word in words:
            by_word.setdefault(word, []).append(language)
    return by_word


def _by_model(sample: str, allowed: set[str] | None) -> str | None:
    if sum(map(str.isalpha, sample)) < MIN_MODEL_LETTERS:
        return None
    with _lock:
        language, confidence = _model().classify(sample)
    if allowed is not None and language not in allowed:
        return None
    return str(language) if confidence >= MIN_MODEL_CONFIDENCE else None


@cache
def _model() -> Any:
    """py3langid with the languages above: 0.6 s and 70 MB, loaded for the first text that needs it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(_MODEL_LANGUAGES.intersection(model.labels))
    return model
