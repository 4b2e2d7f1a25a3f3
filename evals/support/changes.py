# ruff: noqa: E501
"""How honest sentences are told otherwise, and how false ones are made, by rule. The word lists are the evaluation's own."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aivastark.kit.stop_words import STOP_WORDS

Change = tuple[str, bool, str]
"""Kind, whether it is honest, the sentence."""

_LEADS = {"en": "According to the documentation, ", "de": "Laut Dokumentation gilt: ", "es": "Según la documentación, "}
_AND = {"en": " and ", "de": " und ", "es": " y "}
_NOT = {"en": "not", "de": "nicht", "es": "no"}
_CONDITIONS = {
    "en": [
        " only on weekdays",
        " unless the manager agrees",
        " for premium members",
        " if it rains",
        " after approval",
    ],
    "de": [" nur werktags", " außer an Feiertagen", " für Stammkunden", " falls es regnet", " nach Genehmigung"],
    "es": [" solo entre semana", " salvo en festivos", " para socios premium", " si llueve", " tras la aprobación"],
}
_ADVICE = {
    "en": ["Please contact our support team for further help.", "You should back up everything before you begin.",
           "We recommend that you ask a lawyer first.", "Feel free to reach out if you have any other questions."],
    "de": ["Bitte wenden Sie sich an unseren Kundendienst.", "Sie sollten vorher alles sichern.",
           "Wir empfehlen, zuerst einen Anwalt zu fragen."],
    "es": ["Póngase en contacto con nuestro equipo de soporte.", "Debería guardar todo antes de empezar.",
           "Recomendamos consultar primero a un abogado."],
}  # fmt: skip
_QUANTIFIERS = {"en": ["only", "always", "all"], "de": ["nur", "immer", "alle"], "es": ["solo", "siempre", "todos"]}
_SYNONYMS = {
    "en": """largest biggest | began started | many numerous | city town | show display | build construct | led headed
        | used employed | called named | important significant | created made | big large | located situated | help assist
        | near close | also additionally | however though | received got | require need | choose select | delete remove
        | click press | buy purchase | movie film | allow permit | won triumphed | gave provided | main principal""",
    "de": """begann startete | viele zahlreiche | Stadt Ort | zeigen präsentieren | bauen errichten | führte leitete
        | genutzt verwendet | genannt bezeichnet | wichtig bedeutend | große riesige | erhielt bekam | auch ebenfalls
        | wählen aussuchen | löschen entfernen | jedoch allerdings | benötigt braucht""",
    "es": """comenzó empezó | muchos numerosos | ciudad localidad | mostrar enseñar | construir edificar | usado empleado
        | importante relevante | grande enorme | recibió obtuvo | también además | elegir seleccionar | eliminar borrar
        | sin\u00a0embargo no\u00a0obstante | necesita requiere""",
}
_OPPOSITES = {
    "en": "first last | largest smallest | more fewer | increased decreased | won lost | before after | north south"
          " | highest lowest | accepted rejected | possible impossible | public private | early late | always never",
    "de": "ersten letzten | größte kleinste | mehr weniger | vor nach | möglich unmöglich | nördlich südlich | alte neue",
    "es": "primer último | mayor menor | más menos | antes después | posible imposible | norte sur | público privado",
}  # fmt: skip
_UNITS = {
    "en": "days weeks | years months | percent degrees | million billion | miles feet | hours minutes | meters kilometers",
    "de": "Tage Wochen | Jahre Monate | Jahren Monaten | Prozent Grad | Millionen Milliarden | Stunden Minuten",
    "es": "días semanas | años meses | por\u00a0ciento grados | millones miles | horas minutos | metros kilómetros",
}
_MONTHS = {
    "en": "January February March April June July August September October November December".split(),  # noqa: SIM905
    "de": "Januar Februar März April Juni Juli August September Oktober November Dezember".split(),  # noqa: SIM905
    "es": "enero febrero marzo abril junio julio agosto septiembre octubre noviembre diciembre".split(),  # noqa: SIM905
}
_HEDGES = {"en": "may might could some most often usually", "de": "könnte einige meist oft", "es": "podría algunos"}
_NEGATIONS = {"en": "not never", "de": "nicht nie", "es": "no nunca"}
_AUXILIARY = {
    "en": r"\b(?:is|are|was|were|can|could|will|would|has|have|had|did|does|may|must|should)\b",
    "de": r"\b(?:ist|sind|war|waren|wird|wurde|wurden|kann|können|hat|haben|hatte)\b",
    "es": r"\b(?:es|son|fue|fueron|era|está|puede|pueden|ha|han|tiene|había)\b",
}
_ANY_STOP_WORD = frozenset[str]().union(*STOP_WORDS.values())
_NAME = re.compile(r"(?<=[a-zß-ÿ,] )(?:[A-ZÀ-Þ][\w'’-]+)(?: [A-ZÀ-Þ][\w'’-]+)*")
_DIGITS = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_WORD = re.compile(r"[^\W\d_]{5,}")
_OPEN = {
    "en": re.compile(r"^(Who|Which)( (?!is\b|are\b|was\b|were\b|did\b|do\b|does\b|has\b|had\b|have\b|can\b|could\b|would\b|will\b|\S+ (?:is|are|was|were|did|do|does)\b).+)\?$"),
    "de": re.compile(r"^(Wer)( .+)\?$"),
    "es": re.compile(r"^¿?(Quién|Quiénes)( .+)\?$"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """Sentences of other places: not beside in the same passage, in those beside, afar, in another language."""

    distant: Sequence[str]
    near: Sequence[str]
    far: Sequence[str]
    foreign: Sequence[str]


def stated(question: str, answer: str, language: str) -> str | None:
    """A question about the subject of its sentence, with the answer in the place of the question word."""
    match = _OPEN[language].match(question.strip())
    if match is None:
        return None
    rest = match.group(2).strip()
    if match.group(1) == "Which":  # "Which player had the most …?": the answer stands for the player
        rest = rest.partition(" ")[2]
    return f"{answer} {rest}." if len(rest.split()) >= 2 else None


def share_words(left: str, right: str) -> bool:
    """Whether two texts have a word or number in common."""
    return not set(re.findall(r"\w+", left.lower())).isdisjoint(re.findall(r"\w+", right.lower()))


def honest(sentence: str, following: str | None, language: str, chance: random.Random) -> Iterator[Change]:
    """The same, told otherwise."""
    yield "verbatim", True, sentence
    parts = sentence[:-1].split(", ")
    if len(parts) == 2 and min(len(part.split()) for part in parts) >= 3:
        yield "reordered", True, f"{_capital(parts[1])}, {parts[0]}."
    if len(parts) == 3 and len(parts[1].split()) >= 3 and not _limits(parts[1]):
        yield "shortened: the middle left out", True, f"{parts[0]} {parts[2]}."
    if len(parts) >= 2 and len(parts[0].split()) >= 7 and not any(map(_limits, parts[1:])):
        yield "shortened: the beginning", True, f"{parts[0]}."
    bare = re.sub(r" \([^)]*\)", "", sentence)
    if bare != sentence:
        yield "shortened: no parenthesis", True, bare
    if following and len(sentence.split()) + len(following.split()) < 70:
        yield "merged with the next", True, sentence[:-1] + _AND[language] + following
    yield "with a lead-in", True, _LEADS[language] + sentence
    if (changed := _replaced(sentence, _SYNONYMS[language], chance)) is not None:
        yield "synonym", True, changed
    if (changed := _inflected(sentence, language, chance)) is not None:
        yield "other inflection", True, changed


def fabricated(
    sentence: str, passage: Sequence[str], elsewhere: Elsewhere, language: str, chance: random.Random
) -> Iterator[Change]:
    """The same made false: in what it says, in what it adds, in what it leaves out."""
    for kind, changed in (
        *_numbers(sentence, passage, language, chance),
        *_names(sentence, passage, elsewhere, chance),
        *_denials(sentence, language, chance),
        *_additions(sentence, elsewhere, language, chance),
        *_words(sentence, elsewhere, language, chance),
    ):
        if changed and changed != sentence:
            yield kind, False, changed


def _numbers(sentence: str, passage: Sequence[str], language: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    found = list(_DIGITS.finditer(sentence))
    if found:
        match = chance.choice(found)
        digit = chance.choice([at for at in range(match.start(), match.end()) if sentence[at].isdigit()])
        other = chance.choice([each for each in "123456789" if each != sentence[digit]])
        yield "number changed", sentence[:digit] + other + sentence[digit + 1 :]
        rest = [n for each in passage for n in _DIGITS.findall(each) if n != match.group()]
        if rest:
            yield "number of another place", sentence[: match.start()] + chance.choice(rest) + sentence[match.end() :]
    if len({match.group() for match in found}) >= 2:
        left, right = found[0], found[-1]
        if left.group() != right.group():
            yield "numbers exchanged", _exchange(sentence, left.span(), right.span())
    if (changed := _replaced(sentence, _UNITS[language], chance, after=r"\d\S* ")) is not None:
        yield "unit changed", changed
    months = [month for month in _MONTHS[language] if re.search(rf"\b{month}\b", sentence)]
    if months:
        other = chance.choice([month for month in _MONTHS[language] if month not in months])
        yield "month changed", re.sub(rf"\b{months[0]}\b", other, sentence)


def _names(
    sentence: str, passage: Sequence[str], elsewhere: Elsewhere, chance: random.Random
) -> Iterator[tuple[str, str]]:
    found = list(_NAME.finditer(sentence))
    if not found:
        return
    match = chance.choice(found)
    for kind, places in (("name of the same passage", passage), ("name of elsewhere", elsewhere.far)):
        names = [name for each in places for name in _NAME.findall(each) if not share_words(name, match.group())]
        names = [name for name in names if name.lower() not in _ANY_STOP_WORD]
        if names:
            yield kind, sentence[: match.start()] + chance.choice(names) + sentence[match.end() :]
    if len(found) >= 2 and not share_words(found[0].group(), found[-1].group()):
        between = sentence[found[0].end() : found[-1].start()]
        if len(between.split()) >= 3 and not re.search(r" (?:and|or|und|oder|y|o) ", between):
            yield "names exchanged", _exchange(sentence, found[0].span(), found[-1].span())


def _denials(sentence: str, language: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    match = re.search(_AUXILIARY[language], sentence)
    denied = any(re.search(rf"\b{word}\b", sentence) for word in _NEGATIONS[language].split())
    if match and not denied and "no" not in sentence[match.end() : match.end() + 4].lower():
        at = match.start() if language == "es" else match.end() + 1
        yield "negation put in", f"{sentence[:at]}{_NOT[language]} {sentence[at:]}"
    for word in _NEGATIONS[language].split():
        if re.search(rf"\b{word} (?!only|solo|nur)", sentence):
            yield "negation left out", re.sub(rf"\b{word} ", "", sentence, count=1)
    for word in _HEDGES[language].split():
        if re.search(rf"\b{word} ", sentence):
            yield (
                "doubt left out",
                re.sub(rf"\b{word} ", "will " if word in ("may", "might") else "", sentence, count=1),
            )


def _additions(sentence: str, elsewhere: Elsewhere, language: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    body = sentence[:-1]
    yield "condition added", body + chance.choice(_CONDITIONS[language]) + "."
    words = sentence.split()
    at = chance.randrange(1, len(words))
    if (quantifier := chance.choice(_QUANTIFIERS[language])) not in sentence.lower():
        yield "quantifier added", " ".join([*words[:at], quantifier, *words[at:]])
    if elsewhere.far:
        yield "fact of elsewhere glued on", body + _AND[language] + _clause(chance.choice(elsewhere.far))
    if elsewhere.near:
        yield "fact of a passage beside glued on", body + _AND[language] + _clause(chance.choice(elsewhere.near))
    if elsewhere.distant:
        yield "fact of a distant sentence glued on", body + _AND[language] + _clause(chance.choice(elsewhere.distant))
    yield "advice without source", chance.choice(_ADVICE[language])
    if elsewhere.far:
        yield "sentence of elsewhere", chance.choice(elsewhere.far)
    if elsewhere.foreign:
        yield "another language", chance.choice(elsewhere.foreign)


def _words(sentence: str, elsewhere: Elsewhere, language: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    found = [match for match in _WORD.finditer(sentence) if match.group().islower()]
    others = [word for each in elsewhere.far for word in _WORD.findall(each) if word.islower()]
    beside = [word for each in elsewhere.near for word in _WORD.findall(each) if word.islower()]
    small = STOP_WORDS[language]
    for kind, words in (("word of elsewhere", others), ("word of a passage beside", beside)):
        words = [word for word in words if word not in sentence and word not in small]
        if found and words:
            match = chance.choice(found)
            yield kind, sentence[: match.start()] + chance.choice(words) + sentence[match.end() :]
            yield f"{kind} put in", sentence[: match.start()] + chance.choice(words) + " " + sentence[match.start() :]
    if (changed := _replaced(sentence, _OPPOSITES[language], chance)) is not None:
        yield "opposite", changed


def _replaced(sentence: str, table: str, chance: random.Random, *, after: str = "") -> str | None:
    """One word of a table of pairs put in the place of the other."""
    groups = [group.split(" ") for group in re.sub(r"[ \n]+", " ", table).strip().split(" | ")]
    fitting = [
        (one, other)
        for left, right in groups
        for one, other in ((left, right), (right, left))
        if re.search(rf"{after}\b{one}\b", sentence)
    ]
    if not fitting:
        return None
    one, other = chance.choice(fitting)
    return re.sub(rf"({after})\b{one}\b", lambda found: found.group(1) + other, sentence, count=1)


def _inflected(sentence: str, language: str, chance: random.Random) -> str | None:
    ending = {"en": r"(?:ed|s)", "de": r"(?:en|n|e)", "es": r"s"}[language]
    found = [match for match in re.finditer(rf"\b[a-zà-ÿ]{{5,}}({ending})\b", sentence) if match.group()[-2:] != "ss"]
    if not found:
        return None
    match = chance.choice(found)
    return sentence[: match.start(1)] + sentence[match.end(1) :]


def _limits(part: str) -> bool:
    """Whether leaving this out changes what is said."""
    return bool(re.search(r"\b(?:if|unless|except|only|but|wenn|falls|nur|aber|sondern|si|salvo|pero|solo)\b", part))


def _clause(sentence: str) -> str:
    """The beginning of a sentence, long enough to say something."""
    parts = sentence[:-1].split(", ")
    length = next((n for n in range(1, len(parts) + 1) if len(" ".join(parts[:n]).split()) >= 5), len(parts))
    return sentence[0].lower() + ", ".join(parts[:length])[1:] + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _exchange(sentence: str, left: tuple[int, int], right: tuple[int, int]) -> str:
    a, b = sentence[slice(*left)], sentence[slice(*right)]
    return sentence[: left[0]] + b + sentence[left[1] : right[0]] + a + sentence[right[1] :]
