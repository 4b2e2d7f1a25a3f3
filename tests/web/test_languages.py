"""The window's words in every language: none is missing or lost its places, each is written as its readers write."""

import json
import re

import pytest

from aivastark.widgets.configuration import Configuration
from tests.architecture.code import ROOT

SOURCES = ROOT / "web" / "widget" / "src"
WORDS = {file.stem: json.loads(file.read_text()) for file in (ROOT / "web" / "widget" / "strings").glob("*.json")}
LANGUAGES_MIN = 20
PLACE = r"\{\w*\}"
# What no sentence in a language holds: marks of other languages, and the other way to address somebody.
WRONG = {
    "ar": r"[,;?%]",
    "de": r"\w…|\b[Dd](u|ein\w*|ir|ich)\b",
    "el": r"\?",
    "es": r"^[^¡]*!|^[^¿]*\?|\b(tu|tus|te|ti)\b",
    "fa": r"[,;?%\u064a\u0643]",  # its own yeh and kaf
    "fr": r"(?<![\u00a0\u202f])[:;!?]|'|\b([Tt]u|tes?|toi)\b",  # before those a space that does not break
    "he": r"[\"']",
    "hi": r"[\u0900-\u097f]\.",
    "it": r"\b(Riprovi|Attenda|Inserisca|Compili|Torni|Lei)\b",
    "ja": r"[,!?]|\.$",
    "nl": r"(?i)\b(je|jij|jouw|jou)\b|'",
    "pt": r"(?i)contacto|ficheiro|ligação|está a |\butilizador",
    "ro": r"[\u015e\u015f\u0162\u0163]|(?i:^(trimite|închide|deschide|copiază|încearcă|oprește)\b)",
    "tr": r"(?i)\b(sen|sana|senin)\b",
    "zh": r"[,!?]|\.$|你",
}


def sentences(configuration: Configuration) -> set[str]:
    """What a site says to its visitors unless it says something else. What they agree to is kept with a lead as it was
    configured, so that is not among it."""
    content, form = configuration.content, configuration.lead_capture
    limits = configuration.limits.sentences.model_dump().values()
    labels = {field.label for field in form.fields}
    return {content.greeting, content.placeholder, configuration.handoff.away_message, form.title, *labels, *limits}


def test_there_are_at_least_twenty_some_from_right_to_left() -> None:
    assert len(WORDS) + 1 >= LANGUAGES_MIN
    assert {"ar", "he", "fa"} <= WORDS.keys()


@pytest.mark.parametrize("language", sorted(WORDS))
def test_it_has_every_word_with_its_places_and_every_sentence_that_a_site_may_leave_as_it_is(language: str) -> None:
    told = "".join((SOURCES / name).read_text() for name in ("strings.ts", "files.ts"))
    english = dict(re.findall(r"^  (\w+): \"(.*)\",$", told, re.MULTILINE))
    words = dict(WORDS[language])
    defaults = words.pop("defaults")

    assert words.keys() == english.keys()
    assert defaults.keys() == sentences(Configuration(name="Shop"))
    for key, word in (words | defaults).items():
        assert re.findall(PLACE, word) == re.findall(PLACE, english.get(key, "")), key
        assert word == word.strip() != "", key
        assert word == english.get(key, key) or not set(re.findall(r"\b(the|please|your?)\b", word.lower())), key
        ends = [text.rstrip()[-1] in ".。।" for text in (word, english.get(key, key))]
        assert ends[0] == ends[1] or "{n}" in word or language == "ja", key


@pytest.mark.parametrize("language", sorted(WRONG))
def test_it_is_written_as_its_readers_write_it(language: str) -> None:
    words = WORDS[language]
    said = [word for word in words.values() if isinstance(word, str)] + list(words["defaults"].values())

    assert [word for word in said if re.search(WRONG[language], word)] == []
