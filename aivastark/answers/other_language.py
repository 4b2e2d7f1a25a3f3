"""An answer from documents in another language than the question's says so, in the question's language.

A translation cannot be proven by words (decision 20), so the documents' own sentences are shown, behind one fixed
sentence in the visitor's language that names theirs.
"""

from collections.abc import Callable

from aivastark.answers.passages import Passage
from aivastark.kit.languages import detect

Opening = Callable[[Passage, str], str]
"""(passage, what is shown of it first) → what an answer from it opens with; mostly nothing."""

FOUND_IN = {
    "en": "I found this in another language ({language}):",
    "de": "Dazu habe ich dies in einer anderen Sprache gefunden ({language}):",
    "es": "He encontrado esto en otro idioma ({language}):",
    "fr": "Voici ce que j'ai trouvé dans une autre langue ({language}) :",
    "it": "Ho trovato questo in un'altra lingua ({language}):",
    "pt": "Encontrei isto noutra língua ({language}):",
    "nl": "Dit heb ik in een andere taal gevonden ({language}):",
    "pl": "Znalazłem to w innym języku ({language}):",
    "sv": "Det här hittade jag på ett annat språk ({language}):",
    "tr": "Bunu başka bir dilde buldum ({language}):",
    "ru": "Вот что нашлось на другом языке ({language}):",
    "uk": "Ось що знайшлося іншою мовою ({language}):",
    "ja": "別の言語（{language}）の資料に次のように書かれています。",
    "zh": "在另一种语言（{language}）的资料中找到以下内容：",
    "th": "พบข้อมูลนี้ในภาษาอื่น ({language}):",
    "ko": "다른 언어({language})로 된 자료에서 다음 내용을 찾았습니다.",
}
NAMES = {
    "ar": "العربية",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "el": "ελληνικά",
    "en": "English",
    "es": "español",
    "fi": "suomi",
    "fr": "français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "magyar",
    "it": "italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "no": "norsk",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
    "ru": "русский",
    "sv": "svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "українська",
    "zh": "中文",
}
"""Of languages, each in itself."""


def opening_for(message: str, *, wanted: str | None) -> Opening:
    """What answers to this message open with. `wanted`: the language that is asked for, where the words do not tell."""

    def opening(passage: Passage, shown: str) -> str:
        theirs = passage.language
        told = detect(message)
        ours = told or (wanted or "").partition("-")[0]
        if theirs is None or theirs == ours or ours not in FOUND_IN or theirs not in NAMES:
            return ""
        # Short texts are easily taken for another language: a second look at either must say the same.
        if (told is not None and detect(message, {ours, theirs}) != ours) or detect(shown, {ours, theirs}) != theirs:
            return ""
        return FOUND_IN[ours].format(language=NAMES[theirs]) + "\n"

    return opening
