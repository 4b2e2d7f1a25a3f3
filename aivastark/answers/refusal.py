"""What the bot says when it does not know, where the project has no words of its own for it."""

from aivastark.conversations.words import in_language

REFUSALS = {
    "en": "I don't know. I could not find an answer to this in the knowledge I was given.",
    "de": "Das weiß ich nicht. Ich habe dazu in meinen Unterlagen keine Antwort gefunden.",
    "es": "No lo sé. No he encontrado una respuesta a esto en la información de que dispongo.",
    "fr": "Je ne sais pas. Je n'ai pas trouvé de réponse à cette question dans les documents dont je dispose.",
    "it": "Non lo so. Non ho trovato una risposta nelle informazioni a mia disposizione.",
    "pt": "Não sei. Não encontrei uma resposta a isto na informação de que disponho.",
    "nl": "Dat weet ik niet. Ik heb hierop geen antwoord gevonden in de informatie die ik heb.",
    "pl": "Nie wiem. Nie znalazłem odpowiedzi w dostępnych mi materiałach.",
    "sv": "Det vet jag inte. Jag hittade inget svar på detta i den information jag har.",
    "tr": "Bilmiyorum. Elimdeki bilgilerde buna bir yanıt bulamadım.",
    "ru": "Я не знаю. В доступных мне материалах ответа на этот вопрос не нашлось.",
    "uk": "Я не знаю. У доступних мені матеріалах відповіді на це питання не знайшлося.",
    "ja": "わかりません。手元の情報には、この質問への答えが見つかりませんでした。",
    "zh": "我不知道。在我掌握的资料中没有找到这个问题的答案。",
    "th": "ไม่ทราบค่ะ ไม่พบคำตอบสำหรับคำถามนี้ในข้อมูลที่มีอยู่",
    "ko": "잘 모르겠습니다. 제가 가진 자료에서 이 질문에 대한 답을 찾지 못했습니다.",
}


def refusal_in(language: str | None) -> str:
    """The refusal in a language (ISO 639-1), or in English."""
    return in_language(REFUSALS, language)
