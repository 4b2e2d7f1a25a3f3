"""What the bot says to small talk: our own words, in the visitor's language. It never passes as a person."""

from aivastark.conversations.record import Reply
from aivastark.conversations.small_talk import Kind, SmallTalk, small_talk
from aivastark.conversations.wire import fixed_words
from aivastark.projects.models import Project
from aivastark.projects.schemas import answers_of

SMALL_TALK = "small_talk"

SENTENCES: dict[str, dict[Kind, str]] = {
    "en": {
        "greeting": "Hello. What would you like to know?",
        "thanks": "You're welcome. Just ask if there is anything else.",
        "goodbye": "Goodbye, and thank you for your visit.",
        "praise": "Thank you, I am glad to hear that. Just ask if there is anything else.",
        "acknowledgement": "Good. Just ask if there is anything else.",
        "self": "I am an automated assistant, not a person. I answer questions from the documents I was given.",
    },
    "de": {
        "greeting": "Hallo. Was möchten Sie wissen?",
        "thanks": "Gern geschehen. Fragen Sie einfach, wenn es noch etwas gibt.",
        "goodbye": "Auf Wiedersehen und danke für Ihren Besuch.",
        "praise": "Danke, das freut mich. Fragen Sie einfach, wenn es noch etwas gibt.",
        "acknowledgement": "Gut. Fragen Sie einfach, wenn es noch etwas gibt.",
        "self": "Ich bin ein automatischer Assistent, kein Mensch. Ich antworte aus den Unterlagen, die ich habe.",
    },
    "es": {
        "greeting": "Hola. ¿Qué le gustaría saber?",
        "thanks": "De nada. Pregunte sin más si necesita algo más.",
        "goodbye": "Hasta luego y gracias por su visita.",
        "praise": "Gracias, me alegra saberlo. Pregunte sin más si necesita algo más.",
        "acknowledgement": "Bien. Pregunte sin más si necesita algo más.",
        "self": "Soy un asistente automático, no una persona. Respondo preguntas con la información de que dispongo.",
    },
    "fr": {
        "greeting": "Bonjour. Que souhaitez-vous savoir ?",
        "thanks": "Je vous en prie. N'hésitez pas à poser une autre question.",
        "goodbye": "Au revoir, et merci de votre visite.",
        "praise": "Merci, cela me fait plaisir. N'hésitez pas à poser une autre question.",
        "acknowledgement": "Bien. N'hésitez pas à poser une autre question.",
        "self": "Je suis un assistant automatique, pas une personne. Je réponds d'après les documents dont je dispose.",
    },
    "it": {
        "greeting": "Buongiorno. Che cosa desidera sapere?",
        "thanks": "Prego. Chieda pure, se c'è altro.",
        "goodbye": "Arrivederci e grazie della visita.",
        "praise": "Grazie, mi fa piacere. Chieda pure, se c'è altro.",
        "acknowledgement": "Bene. Chieda pure, se c'è altro.",
        "self": "Sono un assistente automatico, non una persona. Rispondo con le informazioni a mia disposizione.",
    },
    "pt": {
        "greeting": "Olá. O que gostaria de saber?",
        "thanks": "De nada. Pergunte à vontade se houver mais alguma coisa.",
        "goodbye": "Até logo e obrigado pela visita.",
        "praise": "Obrigado, fico contente em saber. Pergunte à vontade se houver mais alguma coisa.",
        "acknowledgement": "Certo. Pergunte à vontade se houver mais alguma coisa.",
        "self": "Sou um assistente automático, não uma pessoa. Respondo com base na informação de que disponho.",
    },
    "nl": {
        "greeting": "Hallo. Wat wilt u weten?",
        "thanks": "Graag gedaan. Vraag gerust verder als er nog iets is.",
        "goodbye": "Tot ziens en bedankt voor uw bezoek.",
        "praise": "Dank u, dat hoor ik graag. Vraag gerust verder als er nog iets is.",
        "acknowledgement": "Goed. Vraag gerust verder als er nog iets is.",
        "self": "Ik ben een automatische assistent, geen mens. Ik beantwoord vragen met de informatie die ik heb.",
    },
    "pl": {
        "greeting": "Dzień dobry. W czym mogę pomóc?",
        "thanks": "Nie ma za co. Proszę pytać, jeśli jest coś jeszcze.",
        "goodbye": "Do widzenia i dziękuję za wizytę.",
        "praise": "Dziękuję, miło to słyszeć. Proszę pytać, jeśli jest coś jeszcze.",
        "acknowledgement": "Dobrze. Proszę pytać, jeśli jest coś jeszcze.",
        "self": "Jestem automatycznym asystentem, nie człowiekiem. Odpowiadam na podstawie dostępnych mi materiałów.",
    },
    "sv": {
        "greeting": "Hej. Vad vill du veta?",
        "thanks": "Varsågod. Fråga gärna om det är något mer.",
        "goodbye": "Hej då och tack för besöket.",
        "praise": "Tack, det var roligt att höra. Fråga gärna om det är något mer.",
        "acknowledgement": "Bra. Fråga gärna om det är något mer.",
        "self": "Jag är en automatisk assistent, inte en människa. Jag svarar utifrån den information jag har.",
    },
    "tr": {
        "greeting": "Merhaba. Ne öğrenmek istersiniz?",
        "thanks": "Rica ederim. Başka bir sorunuz olursa sorabilirsiniz.",
        "goodbye": "Hoşça kalın, ziyaretiniz için teşekkürler.",
        "praise": "Teşekkür ederim, bunu duyduğuma sevindim. Başka bir sorunuz olursa sorabilirsiniz.",
        "acknowledgement": "Tamam. Başka bir sorunuz olursa sorabilirsiniz.",
        "self": "Ben otomatik bir asistanım, insan değilim. Soruları elimdeki bilgilere göre yanıtlıyorum.",
    },
    "ru": {
        "greeting": "Здравствуйте. Что вы хотели бы узнать?",
        "thanks": "Пожалуйста. Спрашивайте, если будет что-то ещё.",
        "goodbye": "До свидания, и спасибо, что зашли.",
        "praise": "Спасибо, приятно слышать. Спрашивайте, если будет что-то ещё.",
        "acknowledgement": "Хорошо. Спрашивайте, если будет что-то ещё.",
        "self": "Я автоматический помощник, а не человек. Я отвечаю на вопросы по доступным мне материалам.",
    },
    "uk": {
        "greeting": "Вітаю. Що ви хотіли б дізнатися?",
        "thanks": "Будь ласка. Питайте, якщо буде ще щось.",
        "goodbye": "До побачення, і дякую за візит.",
        "praise": "Дякую, приємно чути. Питайте, якщо буде ще щось.",
        "acknowledgement": "Добре. Питайте, якщо буде ще щось.",
        "self": "Я автоматичний помічник, а не людина. Я відповідаю на питання за доступними мені матеріалами.",
    },
    "ja": {
        "greeting": "こんにちは。何をお知りになりたいですか。",
        "thanks": "どういたしまして。ほかにもあれば、お尋ねください。",
        "goodbye": "さようなら。ご利用ありがとうございました。",
        "praise": "ありがとうございます。ほかにもあれば、お尋ねください。",
        "acknowledgement": "はい。ほかにもあれば、お尋ねください。",
        "self": "私は自動アシスタントで、人間ではありません。手元の情報をもとに質問にお答えします。",
    },
    "zh": {
        "greeting": "您好。您想了解什么？",
        "thanks": "不客气。如果还有问题，请随时提问。",
        "goodbye": "再见，感谢您的访问。",
        "praise": "谢谢，很高兴听到您这么说。如果还有问题，请随时提问。",
        "acknowledgement": "好的。如果还有问题，请随时提问。",
        "self": "我是自动助手，不是真人。我根据所掌握的资料回答问题。",
    },
    "th": {
        "greeting": "สวัสดีค่ะ ต้องการทราบเรื่องอะไรคะ",
        "thanks": "ยินดีค่ะ หากมีคำถามอื่น ถามได้เสมอค่ะ",
        "goodbye": "ลาก่อนค่ะ ขอบคุณที่แวะมา",
        "praise": "ขอบคุณค่ะ ยินดีที่ได้ช่วย หากมีคำถามอื่น ถามได้เสมอค่ะ",
        "acknowledgement": "ค่ะ หากมีคำถามอื่น ถามได้เสมอค่ะ",
        "self": "ฉันเป็นผู้ช่วยอัตโนมัติ ไม่ใช่คน ฉันตอบคำถามจากข้อมูลที่มีอยู่ค่ะ",
    },
    "ko": {
        "greeting": "안녕하세요. 무엇을 알고 싶으신가요?",
        "thanks": "천만에요. 더 궁금한 점이 있으면 물어보세요.",
        "goodbye": "안녕히 가세요. 방문해 주셔서 감사합니다.",
        "praise": "감사합니다. 더 궁금한 점이 있으면 물어보세요.",
        "acknowledgement": "네. 더 궁금한 점이 있으면 물어보세요.",
        "self": "저는 사람이 아니라 자동 도우미입니다. 제가 가진 자료를 바탕으로 질문에 답합니다.",
    },
}


def small_talk_in(project: Project, message: str) -> SmallTalk | None:
    """The small talk that a message is, where the project wants it answered in kind."""
    return small_talk(message) if answers_of(project).small_talk else None


def small_talk_reply(said: SmallTalk, *, wanted: str | None, likely: tuple[str | None, ...]) -> Reply:
    """The sentence for it: in the language that was asked for, else in the likeliest one it may have been said in.

    It is no answer in the books (`answered` and `confidence` of the row stay empty): nothing was asked.
    """
    language = wanted if wanted in SENTENCES else said.language(*likely)
    words = SENTENCES[language][said.kind(language)]
    body = fixed_words(words, language=language, model=SMALL_TALK, reasons=(SMALL_TALK,), sureness=1.0)
    return Reply(content=words, answered=None, confidence=None, citations=[], language=language, body=body)
