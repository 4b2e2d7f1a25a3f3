"""Asking for a person, in sixteen languages, and what only looks like it."""

import pytest

from aivastark.conversations.intent import asks_for_person

ASKING = """
Can I talk to a human?
I want to speak to a real person
human please
Agent!
let me talk to someone
please connect me with an agent
I need a human
talk to your support team
can I speak with a representative about my order?
Ich möchte mit einem Menschen sprechen
Kann ich mit einem Mitarbeiter reden?
Mensch bitte
Verbinden Sie mich bitte mit einem Berater
Quiero hablar con una persona
hablar con un agente por favor
Gostaria de falar com um atendente
Vorrei parlare con un operatore
Je voudrais parler à quelqu'un
Puis-je parler à un conseiller ?
parler avec un humain
Ik wil graag met een medewerker praten
Kan ik spreken met een mens?
Jag vill prata med en människa
Chcę porozmawiać z konsultantem
Połącz mnie z człowiekiem
Хочу поговорить с человеком
Соедините меня с оператором
Оператор
Хочу поговорити з людиною
Bir temsilciyle görüşmek istiyorum
Müşteri temsilcisi ile konuşmak istiyorum
temsilciye bağla
担当者と話したいです
オペレーターにつないでください
转人工
我想和真人说话
ขอคุยกับเจ้าหน้าที่ค่ะ
상담원 연결해 주세요
사람과 얘기하고 싶어요
"""
NOT_ASKING = """
How do I reset my password?
How do I add an agent to my team?
What does the agent do?
Is the human resources module included?
How do users talk to the agent API?
I don't want to talk to a human
Do I need a person to sign for the parcel?
Who is the contact person?
What is a SQLite operator?
Wie viele Personen passen hinein?
Kann ich mit einem Gutschein bezahlen?
Ich will nicht mit einem Menschen sprechen
¿Puedo pagar con tarjeta?
Comment parler à l'API ?
Hoe werkt een medewerkerskorting?
Jak dodać pracownika?
Как добавить сотрудника?
人間ドックの料金は?
商品怎么退货?
Person
What operators are there?
Which agents are supported?
Je voudrais parler de ma commande
parler à la
사람이 몇 명까지 가능한가요?
We have a problem with the export of invoices, it stops at the second page, and I would like to know whether I can
"""


@pytest.mark.parametrize("message", ASKING.strip().splitlines())
def test_a_visitor_who_asks_for_a_person_is_understood(message: str) -> None:
    assert asks_for_person(message)


@pytest.mark.parametrize("message", NOT_ASKING.strip().splitlines())
def test_a_question_about_people_is_a_question(message: str) -> None:
    assert not asks_for_person(message)


def test_a_long_message_has_a_matter_of_its_own() -> None:
    assert not asks_for_person("My order is late and nobody told me. " * 6 + "Can I talk to a human?")
