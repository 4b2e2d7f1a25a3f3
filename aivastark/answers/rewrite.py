"""Follow-ups made whole: "And how long is it valid?" brings along what the conversation is about.

Rules, no model: a question leans on the one before when it has almost no content words of its own, opens like a
continuation, or points back with a pronoun and says little else. It then takes over the content words of the question
before (and the heading that was cited, when that question had few). A question that says enough stays as it is, so a
change of topic is never dragged back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aivastark.answers.expectations import names_and_numbers
from aivastark.kit.analysis import analyse
from aivastark.kit.stop_words import STOP_WORDS

MAX_TURNS_BACK = 3
MAX_CARRIED_WORDS = 12
MAX_TOPIC_WORDS = 8  # a longer cited title is a sentence, not a topic
CONTENT_WORDS_WITH_OPENER = 3  # up to this many, "and …" or "what about …" leans on the past
CONTENT_WORDS_WITH_PRONOUN = 4
FEW_CONTENT_WORDS = 2
MAX_ELLIPSIS_WORDS = 4  # "for students?", "since when?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One exchange: what was asked, and the titles or headings the answer cited, best first."""

    question: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """The question as retrieval should see it."""

    text: str
    used_history: bool


_OPENER = re.compile(
    r"[\s¿¡]*(?:and(?: what| how)?(?: about| if| for)?|what about|how about|or|but|also|then|so|what if|what else|anything else|even"
    r"|und(?: was ist mit| wie ist es mit)?|was ist mit|wie (?:sieht|steht) es (?:mit|um)|oder|aber|auch|dann"
    r"|y(?: qué pasa con| qué tal)?|qué (?:pasa con|hay de)|o|pero|también|et(?: pour)?|ou|mais|qu'en est-il|et pour|e|ma|mas|en|maar"
    r"|а|и|но|что насчёт|что насчет)(?!\w)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"(?<!\w)(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|there|one|ones|those|these|the same|both"
    r"|er|ihn|ihm|dies|diese[rsm]?|dieselben?|dort|dafür|damit|davon|darauf|darin|dazu|dabei|dagegen|darüber|daran|darunter|ihre[rnms]?|deren|dessen"
    r"|eso|esto|ello|ellos|ellas|ese|esa|esos|esas|este|allí|ahí|su|sus|le|les"
    r"|il|elle|ils|elles|ça|cela|celui|celle|leur|leurs|là|y|lui|questo|quello|isso|isto|ele|ela|het|die|dat|daar"
    r"|он|она|оно|они|его|её|их|это|этот|эта|там)(?!\w)"
    r"|(?<!\w)(?:es|das|sie)(?=\s*(?:\?|$)|\s+(?:auch|noch|immer|für|gültig|kostet|gilt|geht|funktioniert|kostenlos))"
    r"|(?<!\w)(?:is|does|do|did|can|will|was|are|with|for|about|like|of|to|than|doing|after|before|without|mean by)\s+(?:that|this)(?!\w)"
    r"|(?<!\w)(?:gilt|ist|geht|kostet|kann|wird|funktioniert|dauert)\s+(?:das|es|sie|er)(?!\w)"
    r"|那个|这个|它|他们|她们|这些|那些|其中|それ|これ|その|この|あれ|そこ|มัน|นั้น|นี้",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"(?<!\w)(?:(?:is|was|be|will|can|would|does|do) it (?:possible|necessary|required|safe|legal|ok|okay|allowed|true|take|cost|mean|matter)"
    r"|(?:is|are|was|were|be) there|there (?:is|are|any|a)|what time is it)(?!\s*[?.]?\s*$)",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"[\s¿]*(?:why(?: not)?|how(?: so| come| long| much| many| often| far)?|when|where|who|which(?: ones?)?|since when|until when|for|in|on|with|without|from|to|at|by"
    r"|warum(?: nicht)?|wieso|wie(?: lange| viel| oft)?|wann|wo|wer|welche[rs]?|für|in|mit|ohne|ab wann|bis wann|seit wann"
    r"|por qué|cómo|cuándo|dónde|cuánto|para|en|con|sin|pourquoi|comment|quand|où|combien|pour|avec|sans|为什么|怎么|多久|なぜ|いつ|どこ|ทำไม)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_ANY_STOP_WORD = frozenset[str]().union(*STOP_WORDS.values())
_LIGHT_WORDS = frozenset(
    [
        "much",
        "many",
        "long",
        "far",
        "often",
        "old",
        "else",
        "also",
        "get",
        "got",
        "know",
        "tell",
        "mean",
        "means",
        "want",
        "need",
        "happen",
        "happens",
        "apply",
        "applies",
        "work",
        "works",
        "viel",
        "viele",
        "lange",
        "oft",
        "alt",
        "weit",
        "geht",
        "gibt",
        "bekomme",
        "bekommen",
        "brauche",
        "brauchen",
        "gilt",
        "warum",
        "wieso",
        "weshalb",
        "wohin",
        "woher",
        "welche",
        "mucho",
        "muchos",
        "mucha",
        "tarda",
        "sirve",
        "puedo",
        "cuánto",
        "cuánta",
        "cuántos",
        "cómo",
        "dónde",
        "cuándo",
        "pasa",
        "combien",
        "quand",
        "pourquoi",
        "comment",
        "où",
        "faut",
        "peut",
        "avoir",
    ]
)


def rewrite(question: str, history: Sequence[Turn], language: str | None = None) -> Rewritten:
    """`question` as it would be asked without the conversation; `history` oldest first, the current turn not in it."""
    if not history or not _leans(question, language):
        return Rewritten(text=question, used_history=False)
    carried = _carried(question, history[-MAX_TURNS_BACK:], language)
    if not carried:
        return Rewritten(text=question, used_history=False)
    return Rewritten(text=f"{question.strip()} {carried}", used_history=True)


def _leans(question: str, language: str | None) -> bool:
    content = len(_content_words(question, language))
    if _UNSPACED.search(question):
        content = max(0, len(_UNSPACED.findall(question)) - 2) // 2
    if content == 0:
        return True
    if _OPENER.match(question) and content <= CONTENT_WORDS_WITH_OPENER:
        return True
    if _EXPLETIVE.search(question):
        return False
    if _POINTS_BACK.search(question) and content <= CONTENT_WORDS_WITH_PRONOUN:
        return True
    short = len(question.split()) <= MAX_ELLIPSIS_WORDS and content <= 1
    return short and _ELLIPSIS.match(question) is not None


def _carried(question: str, history: Sequence[Turn], language: str | None) -> str:
    """The words brought along from the turn before, which may itself lean on the one before that."""
    last = history[-1]
    before = _subject(last.question, history[:-1], language)
    if _UNSPACED.search(before):
        return before
    said = {term for word in _content_words(question, language) for term in analyse(word, language)}
    words = [word for word in _content_words(before, language) if not said.intersection(analyse(word, language))]
    if _OPENER.match(question) and language != "de" and names_and_numbers(question):
        replaced = set(names_and_numbers(before))  # "What about Germany?" asks the same of another name
        words = [word for word in words if word.lower() not in replaced] or words
    if len(words) < FEW_CONTENT_WORDS and last.topics and len(last.topics[0].split()) <= MAX_TOPIC_WORDS:
        words += [word for word in _content_words(last.topics[0], language) if word not in words]
    return " ".join(dict.fromkeys(words[:MAX_CARRIED_WORDS]))


def _subject(question: str, history: Sequence[Turn], language: str | None) -> str:
    """What a question of the past was about: itself, or what it pointed back to ("is it valid?" is about "it")."""
    if not history or not _leans(question, language):
        return question
    carried = _carried(question, history, language)
    return carried if carried and _POINTS_BACK.search(question) else f"{question} {carried}"


def _content_words(text: str, language: str | None) -> list[str]:
    """Words as written that say what a question is about: no function words, no words of measure or asking."""
    stop = STOP_WORDS.get(language or "") or _ANY_STOP_WORD
    return [word for word in _WORD.findall(text) if (low := word.lower()) not in stop and low not in _LIGHT_WORDS]
