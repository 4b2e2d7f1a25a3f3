"""Is a message nothing but small talk? Phrases of sixteen languages that must cover all of it; would rather miss.

"Thanks, bye!" is; "Thanks, and how do I return it?" has words that no phrase covers, so it is a question, and so are
"Danke-Karte" and "Hi-Fi", for a phrase is whole words between spaces and the marks of a sentence.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from aivastark.conversations.small_talk_phrases import PHRASES

Kind = Literal["self", "goodbye", "thanks", "praise", "greeting", "acknowledgement"]

MESSAGE_MAX_CHARS = 100
"""A longer message has a matter of its own."""

_FILLER = "filler"
_UNSPACED = frozenset({"ja", "zh", "th", "ko"})
"""Languages whose phrases are compared without spaces: there are none, or they come and go."""
_MARKS = re.compile(r"[,;!?…~～。、，！？؟¿¡]+|\.+(?=\s|$)")
_SMILE = re.compile(r"(?<!\S)(?:[:;=]-?[)dp]+|<3|\^\^|x+d+)(?!\S)")
_DASH = re.compile(r"(?<=\s)[-–—]+(?=\s)")
_SIGNS: dict[Kind, str] = {"greeting": "👋", "thanks": "🙏❤", "acknowledgement": "👍👌✅"}
_SKIN_AND_STYLE = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f\u200d]")


@dataclass(frozen=True, kw_only=True, slots=True)
class SmallTalk:
    """What kind it is in each of the languages it may be in, likeliest first; the most telling kind of several."""

    kinds: Mapping[str, Kind]

    def language(self, *preferred: str | None) -> str:
        """The first of the preferred languages that it may be in, or its likeliest."""
        return next((one for one in preferred if one is not None and one in self.kinds), next(iter(self.kinds)))

    def kind(self, language: str | None) -> Kind:
        """The kind, taken as said in a language."""
        return self.kinds.get(language or "", next(iter(self.kinds.values())))


def small_talk(message: str) -> SmallTalk | None:
    """The small talk that a message is and nothing else; None for everything with a matter of its own."""
    if len(message) > MESSAGE_MAX_CHARS:
        return None
    text = _SKIN_AND_STYLE.sub("", unicodedata.normalize("NFKC", message))
    text = text.casefold().replace("’", "'").replace("i\u0307", "i")  # how a Turkish capital is folded
    words = "".join(" " if unicodedata.category(one) == "So" else one for one in text)
    bare = " ".join(_DASH.sub(" ", _MARKS.sub(" ", _SMILE.sub(" ", words))).split())
    if not bare:
        return _of_signs(text)
    kinds = {language: kind for language in PHRASES if (kind := _kind(bare, language)) is not None}
    return SmallTalk(kinds=kinds) if kinds else None


def _of_signs(text: str) -> SmallTalk | None:
    """A message of pictures alone: a waving hand, folded hands, a thumb."""
    signs = set("".join(text.split()))
    for kind, known in _SIGNS.items():
        if signs and signs <= set(known):
            return SmallTalk(kinds=dict.fromkeys(PHRASES, kind))
    return None


def _kind(bare: str, language: str) -> Kind | None:
    """The most telling kind of the phrases of one language that together are the message."""
    kinds = _phrases(language)
    units = _units(bare, language)
    if units[0] not in _openings(language):  # as of most questions, in most languages
        return None
    joiner = "" if language in _UNSPACED else " "
    longest = _longest(language)
    covered: list[frozenset[str] | None] = [frozenset()]  # by how many units: the kinds that cover them
    for end in range(1, len(units) + 1):
        ways = [
            before | {kind}
            for start in range(max(0, end - longest), end)
            if (before := covered[start]) is not None and (kind := kinds.get(joiner.join(units[start:end])))
        ]
        covered.append(ways[0] if ways else None)  # the first has the longest phrase at its end
    said = covered[-1] or frozenset()
    return next((kind for kind in get_args(Kind) if kind in said), None)


@cache
def _phrases(language: str) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for kind, phrases in PHRASES[language].items():
        for phrase in phrases.split("|"):
            spelled = unicodedata.normalize("NFKC", phrase).casefold()
            kinds.setdefault(spelled.replace(" ", "") if language in _UNSPACED else spelled, kind)
    return kinds


def _units(text: str, language: str) -> Sequence[str]:
    """Its words, or its characters but for spaces."""
    return text.replace(" ", "") if language in _UNSPACED else text.split(" ")


@cache
def _openings(language: str) -> frozenset[str]:
    """What phrases begin with."""
    return frozenset(_units(one, language)[0] for one in _phrases(language))


@cache
def _longest(language: str) -> int:
    """The length of its longest phrase, in characters or in words."""
    return max(len(_units(one, language)) for one in _phrases(language))
