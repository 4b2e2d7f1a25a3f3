"""What kind of thing a question asks for, told by its question words, and whether a sentence holds such a thing.

Rules, not a model: the classic answer-type step of question answering (Li and Roth, "Learning Question Classifiers",
2002) cut down to the classes that leave a mark on the surface: people and places are capitalised, dates and
quantities carry digits or number words, reasons and manners carry connectives.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, assert_never

Expected = Literal["person", "time", "number", "place", "reason", "steps", "other"]

CACHED_TEXTS = 8192  # sentences whose marks are remembered, about 4 MB for each function that does

# First match wins; the languages are those whose question words cannot be mistaken for another's.
_QUESTION_WORDS: tuple[tuple[Expected, str], ...] = (
    (
        "time",
        r"when|(?:in |on )?(?:what|which) (?:year|date|day|month|century|decade)|what time"
        r"|wann|in welchem (?:jahr|monat|jahrhundert)|welches (?:jahr|datum)"
        r"|cuándo|(?:en )?qué (?:año|fecha|mes|siglo|día)|quand|en quelle année|quelle date"
        r"|quando|em que ano|in che anno|wanneer|когда|в каком году",
    ),
    (
        "number",
        r"how (?:many|much|long|far|old|often|tall|big|large|high|fast|deep|wide)"
        r"|what (?:does|do|is|are|did|would) .{1,60} costs?"
        r"|what (?:is the |are the )?(?:percentage|percent|number|amount|proportion|fraction|size|price|cost)"
        r"|wie\s?(?:viele?|lange?|weit|alt|oft|hoch|groß|teuer|schnell|tief|breit)|welcher (?:anteil|prozentsatz)"
        r"|cuánt[oa]s?|qué (?:porcentaje|cantidad|número)|con qué frecuencia"
        r"|combien|quel(?:le)? (?:pourcentage|nombre|prix)|quant[oaie]s?|hoeveel|hoe (?:lang|vaak|oud)"
        r"|сколько|как долго",
    ),
    ("person", r"who|whose|whom|wer|wem|wen|wessen|quién(?:es)?|qui|quem|chi|wie is|кто|кого|кому"),
    (
        "place",
        r"where|(?:in )?(?:what|which) (?:city|country|state|town)|wo|wohin|woher|dónde|adónde|où|onde|dove|waar"
        r"|где|куда|откуда",
    ),
    (
        "reason",
        r"why|what (?:is|was|are|were) the (?:reason|cause)s?|warum|weshalb|wieso|por qué|pourquoi|por que|perché"
        r"|waarom|почему|зачем",
    ),
    ("steps", r"how|wie|cómo|comment|como|come|hoe|как"),
)
_EXPECTED = tuple(
    (expected, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for expected, words in _QUESTION_WORDS
)

_NUMBER = re.compile(
    r"\d|(?<!\w)(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|sixty|seventy"
    r"|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|twice|once|third|quarter|both"
    r"|several|none|free"
    r"|eine[rnms]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|millionen"
    r"|hälfte|kostenlos"
    r"|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|mitad|gratis"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|cent|mille|moitié|gratuit)(?!\w)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d|(?<!\w)(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|century|centuries|decades?|today|yesterday|tomorrow"
    r"|annually|daily|weekly"
    r"|monthly|yearly|immediately|after|before|during|until|since"
    r"|januar|februar|märz|mai|juni|juli|oktober|dezember|montags?|dienstags?|mittwochs?|donnerstags?"
    r"|freitags?|samstags?"
    r"|sonntags?|jahrhunderts?|jahren?|nach|vor|während|seit|bis"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|siglos?"
    r"|años?|lunes|martes"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|siècle|années?)(?!\w)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"(?<!\w)(?:because|since|due to|so that|in order to|as a result|therefore|thus|caused?|causes|reasons?|led to"
    r"|owing to"
    r"|allows?|to (?:avoid|prevent|protect|ensure|make|keep|allow|reduce)"
    r"|weil|da|denn|damit|deshalb|daher|wegen|aufgrund|grund|gründe|um"
    r"|porque|debido a|ya que|por lo que|a causa de|para|puesto que|razón"
    r"|parce que|car|afin|à cause|grâce à|perché|poiché|omdat|want|потому|так как)(?!\w)",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"(?<!\w)(?:by|using|use|via|through|click|select|choose|go to|open|enter|press|tap|type|set|add|run|install"
    r"|first|then"
    r"|you can|can be|with|durch|mit|klicken|wählen|öffnen|gehen|geben|über|indem|haga|seleccione|pulse"
    r"|abra|vaya|mediante"
    r"|con|cliquez|choisissez|ouvrez|allez|en)(?!\w)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?:\n]\s)(?<!^)(?<![\w'’])[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω][\w'’-]+")
_MEASURE = re.compile(
    r"(?<!\w)(how|wie|hoe) (?:many|much|long|far|old|often|viele?|lange?|weit|alt|oft|hoog|lang|vaak|oud)(?!\w)",
    re.IGNORECASE,
)
_ANY_NAME = re.compile(r"(?<![\w'’])[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω][\w'’.-]*\w")
_WORD = re.compile(r"\w+")

Mark = Literal["name", "time", "number"]
_MARKS: Mapping[Mark, re.Pattern[str]] = {"name": _ANY_NAME, "time": _TIME, "number": _NUMBER}


@lru_cache(maxsize=1024)
def expected(question: str) -> Expected:
    """The class of answer asked for; `other` when no question word tells."""
    found = [
        (match.start(), order, kind)
        for order, (kind, words) in enumerate(_EXPECTED)
        if (match := words.search(question))
    ]
    return min(found)[2] if found else "other"


def holds(kind: Expected, text: str, question: str) -> float:
    """1.0 if `text` has something of this kind that the question did not say, 0.0 if not, 0.5 if it cannot be told."""
    match kind:
        case "person" | "place":
            return _new("name", text, question)
        case "time" | "number":
            return _new(kind, text, question)
        case "reason" | "steps":
            return _connects(kind, text)
        case "other":
            return 0.5
        case _:
            assert_never(kind)


_INSTRUCTION = re.compile(
    r"^(?:[-*•]|\d+[.)])?\s*(?:use|run|set|add|open|click|choose|select|go to|enter|type|install|call|execute|invoke"
    r"|to \w+ "
    r"|simply|nutze|verwende|öffne|klicke|wähle|gehe|um |usa|abre|haga|para |utilisez|ouvrez|cliquez|pour )"
    r"|(?<!\w)(?:you can (?:use|run|set|add|type|enter|invoke|call)|(?:use|run|using|with|issue) the"
    r"|by (?:using|running|setting)"
    r"|simply (?:use|run|set|add))(?!\w)|[\"'“](?:\.\w+|[A-Z]{3,} ?\w*|--?\w[\w-]*)|`[^`]+`",
    re.IGNORECASE,
)


@lru_cache(maxsize=CACHED_TEXTS)
def instructs(text: str) -> bool:
    """Whether a text tells what to do: an imperative, a command in quotes, "To …, use …"."""
    return _INSTRUCTION.search(text) is not None


def without_measure(question: str) -> str:
    """The question with "how long" cut to "how": an answer says "30 days", seldom "long"."""
    return _MEASURE.sub(r"\1", question)


def names_and_numbers(question: str) -> tuple[str, ...]:
    """Capitalised words inside the question and everything with a digit: what an answer must be about, lower-cased."""
    names = [match.group() for match in _NAME.finditer(question)]
    numbers = [match.group() for match in _WORD.finditer(question) if any(map(str.isdigit, match.group()))]
    return tuple(dict.fromkeys(name.lower() for name in (*names, *numbers)))


def new_number(text: str, question: str) -> float:
    """1.0 if `text` has a number that the question did not say."""
    return _new("number", text, question)


def _new(mark: Mark, text: str, question: str) -> float:
    asked = question.lower()
    return float(any(word not in asked for word in _marks(mark, text)))


# Sentences are met again and again, by questions that differ: what is in them is looked for once.
@lru_cache(maxsize=CACHED_TEXTS)
def _marks(mark: Mark, text: str) -> tuple[str, ...]:
    """The words that carry such a mark, in lower case."""
    return tuple({_word_around(text, match.start()).lower() for match in _MARKS[mark].finditer(text)})


@lru_cache(maxsize=CACHED_TEXTS)
def _connects(kind: Literal["reason", "steps"], text: str) -> float:
    return float((_REASON if kind == "reason" else _STEPS).search(text) is not None)


def _word_around(text: str, at: int) -> str:
    match = _WORD.match(text, at)
    if match is None:
        return text[at]
    return match.group()
