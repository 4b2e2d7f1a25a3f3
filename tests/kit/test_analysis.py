"""One analyser: what a question says and what a text says must come out as the same terms."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.kit.analysis import MAX_TERM, analyse, analyse_document, spans


@pytest.mark.parametrize(
    ("question", "text", "language"),
    [
        ("returning goods", "Goods can be returned", "en"),
        ("contrasena", "Cambiar la contraseña", "es"),
        ("uber", "über", "de"),
        ("cafe\u0301", "caf\u00e9", None),
        ("ΚΩΔΙΚΟΣ", "ο κωδικός", "el"),
        ("Пароль", "сброс пароля", "ru"),
        ("елка", "ёлка", "ru"),
        ("SIFIRLA", "sıfırla", "tr"),
        ("eau", "l'eau", "fr"),
        ("email", "Send an e-mail", "en"),
        ("e-mail", "Send an email", "en"),
        ("user", "the user’s name", "en"),
        ("obrien", "O'Brien wrote it", "en"),
        ("snake_case", "use snakeCase here", "en"),
        ("case", "use snakeCase here", "en"),
        ("getUserName", "call get_user_name()", "en"),
        ("bar", "call foo.bar", "en"),
        ("foo.bar", "call foo.bar.", "en"),
        ("AKV-12", "see akv12", "en"),
        ("AKV12", "see AKV-12", "en"),
        ("AKV", "see AKV-12", "en"),
        ("12", "see AKV-12", "en"),
        ("1.2.3", "since version 1.2.3", "en"),
        ("1000", "up to 1,000 items", "en"),
        ("1000", "bis zu 1.000 Stück", "de"),
        ("C++", "written in C++", "en"),
        ("C#", "written in C#.", "en"),
        ("Windows 11", "needs Windows11", "en"),
        ("１２３", "number 123", "en"),
        ("٢٠٢٤", "in 2024", "en"),
        ("退货", "三十天退货服务", "zh"),
        ("設立", "会社は設立されました", "ja"),
        ("환불", "환불은 어떻게", "ko"),
        ("คืนสินค้า", "การคืนสินค้าภายใน", "th"),
        ("水", "水", "ja"),
        ("iPhone", "iPhone15を使う", "ja"),
        ("self\u00adhosted", "selfhosted", "en"),
    ],
)
def test_a_question_finds_the_same_thing_written_another_way(question: str, text: str, language: str | None) -> None:
    terms = set(analyse(question, language))
    assert terms
    assert terms & set(analyse_document(text, language))


def test_stop_words_are_dropped_from_a_question() -> None:
    assert analyse("How do I reset my password?", "en") == ["reset", "password"]
    assert analyse("don’t don't", "en") == ["dont", "dont"]  # nothing else is left


def test_a_question_of_stop_words_alone_keeps_them() -> None:
    assert analyse("To be or not to be?", "en") == ["to", "be", "or", "not", "to", "be"]


def test_a_text_keeps_its_stop_words() -> None:
    assert analyse_document("The Who", "en") == ["the", "who"]


def test_an_unknown_language_is_neither_stemmed_nor_stopped() -> None:
    assert analyse("the houses", "xx") == analyse("the houses", None) == ["the", "houses"]


def test_the_russian_short_i_is_a_letter_of_its_own() -> None:
    assert analyse("йод", "ru") != analyse("иод", "ru")


def test_indic_words_stay_whole() -> None:
    assert len(analyse("पासवर्ड रीसेट", "hi")) == 2


def test_spans_say_where_each_term_stands() -> None:
    text = "Réinitialiser AKV-12, 退货服务!"
    by_term = {token.text: text[token.start : token.end] for token in spans(text, "fr")}
    assert by_term["akv12"] == "AKV-12"
    assert by_term["akv"] == "AKV"
    assert by_term["12"] == "12"
    assert by_term["退货"] == "退货"
    assert "Réinitialiser" in by_term.values()


def test_threads_do_not_disturb_each_others_stemmers() -> None:
    words = [f"running{number}s jumping houses" for number in range(200)]
    alone = [analyse(word, "en") for word in words]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda word: analyse(word, "en"), words * 5)) == alone * 5


@given(st.text(), st.sampled_from(["en", "de", "fr", "tr", "ru", "ar", "hi", "ja", None]))
def test_any_text_gives_terms_an_engine_can_hold(text: str, language: str | None) -> None:
    for token in spans(text, language):
        assert 0 < len(token.text) <= MAX_TERM * 3  # a ligature may unfold
        assert not any(character.isspace() or character in "\"'\0" for character in token.text)
        assert 0 <= token.start < token.end <= len(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"])))
def test_composed_and_decomposed_text_give_the_same_terms_in_latin(text: str) -> None:
    composed = "".join(c for c in unicodedata.normalize("NFC", text) if c <= "\u017f")
    decomposed = unicodedata.normalize("NFD", composed)
    assert analyse_document(decomposed, "en") == analyse_document(composed, "en")
