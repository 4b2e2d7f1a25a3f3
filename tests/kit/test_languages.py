"""Telling languages apart: right or silent."""

import pytest

from aivastark.kit.languages import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset the password of my account?", "en"),
        ("Wie lange ist der Gutschein gültig?", "de"),
        ("¿Cuánto cuesta el envío a las islas?", "es"),
        ("Comment puis-je réinitialiser le mot de passe de mon compte ?", "fr"),
        ("Como posso alterar a senha da minha conta?", "pt"),
        ("Come posso cambiare la password del mio account?", "it"),
        ("Hoe kan ik het wachtwoord van mijn account wijzigen?", "nl"),
        ("Jak mogę zmienić hasło do mojego konta, które nie działa?", "pl"),
        ("Şifremi nasıl sıfırlarım ve bu ne kadar sürer?", "tr"),
        ("Как сбросить пароль, если вы его забыли?", "ru"),
        ("Як скинути пароль, якщо ви його забули? Її немає", "uk"),
        ("年会費はいくらですか", "ja"),
        ("年费是多少", "zh"),
        ("환불은 어떻게 하나요", "ko"),
        ("คืนสินค้าได้ไหม", "th"),
        ("Ποια είναι η τιμή;", "el"),
        ("איך מחזירים מוצר", "he"),
        ("iPhone 15 价格 是 多少 钱", "zh"),
    ],
)
def test_a_question_is_known_by_its_script_or_its_function_words(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "?!", "12345", "API", "ERR_CONNECTION_RESET", "foo.bar"])
def test_what_has_no_language_has_none(text: str) -> None:
    assert detect(text) is None


def test_the_projects_languages_decide_short_questions() -> None:
    assert detect("¿Cuándo?", {"es", "en"}) == "es"
    assert detect("password", {"en"}) == "en"
    assert detect("password", set()) is None
    assert detect("Wie viel kostet der Versand?", {"en", "fr"}) is None


def test_running_text_without_a_list_of_function_words_is_known_by_the_model() -> None:
    text = (
        "Kaip pakeisti slaptažodį? Prisijunkite prie savo paskyros, atidarykite nustatymus ir pasirinkite "
        "saugumo skyrių. Naują slaptažodį įveskite du kartus."
    )
    assert detect(text) == "lt"
