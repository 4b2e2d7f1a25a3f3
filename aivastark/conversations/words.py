"""What a visitor reads when a person takes part, in the languages the refusals have."""

from collections.abc import Mapping

HELD = {
    "en": "A colleague has this conversation and will answer here.",
    "de": "Ein Mitarbeiter hat dieses Gespräch übernommen und antwortet Ihnen hier.",
    "es": "Un compañero lleva esta conversación y responderá aquí.",
    "fr": "Un collègue a repris cette conversation et vous répondra ici.",
    "it": "Un collega segue questa conversazione e risponderà qui.",
    "pt": "Um colega está a tratar desta conversa e responderá aqui.",
    "nl": "Een collega heeft dit gesprek overgenomen en antwoordt hier.",
    "pl": "Tę rozmowę prowadzi nasz pracownik i odpowie tutaj.",
    "sv": "En kollega har tagit över samtalet och svarar här.",
    "tr": "Bu görüşmeyle bir çalışma arkadaşımız ilgileniyor ve buradan yanıt verecek.",
    "ru": "Этим разговором занимается наш сотрудник, он ответит здесь.",
    "uk": "Цією розмовою займається наш співробітник, він відповість тут.",
    "ja": "この会話は担当者が引き継いでいます。こちらでお返事します。",
    "zh": "我们的同事正在处理此对话，并会在这里回复您。",
    "th": "เจ้าหน้าที่กำลังดูแลการสนทนานี้และจะตอบที่นี่ค่ะ",
    "ko": "담당자가 이 대화를 맡고 있으며 여기에서 답변드리겠습니다.",
}

PASSED_ON = {
    "en": "I have passed this conversation on to a colleague, who will answer here.",
    "de": "Ich habe dieses Gespräch an einen Mitarbeiter weitergegeben, der Ihnen hier antwortet.",
    "es": "He pasado esta conversación a un compañero, que responderá aquí.",
    "fr": "J'ai transmis cette conversation à un collègue, qui vous répondra ici.",
    "it": "Ho passato questa conversazione a un collega, che risponderà qui.",
    "pt": "Passei esta conversa a um colega, que responderá aqui.",
    "nl": "Ik heb dit gesprek doorgegeven aan een collega, die hier antwoordt.",
    "pl": "Przekazałem tę rozmowę naszemu pracownikowi, który odpowie tutaj.",
    "sv": "Jag har lämnat samtalet till en kollega, som svarar här.",
    "tr": "Bu görüşmeyi bir çalışma arkadaşımıza ilettim; buradan yanıt verecek.",
    "ru": "Я передал этот разговор нашему сотруднику, он ответит здесь.",
    "uk": "Я передав цю розмову нашому співробітнику, він відповість тут.",
    "ja": "この会話を担当者に引き継ぎました。こちらでお返事します。",
    "zh": "我已将此对话转给同事，对方会在这里回复您。",
    "th": "ส่งต่อการสนทนานี้ให้เจ้าหน้าที่แล้วค่ะ เจ้าหน้าที่จะตอบที่นี่",
    "ko": "이 대화를 담당자에게 전달했습니다. 여기에서 답변드리겠습니다.",
}

PASSED_ON_OUTSIDE_HOURS = {
    "en": "I have passed this conversation on. Nobody is there at the moment; "
    "a colleague will answer here during business hours.",
    "de": "Ich habe dieses Gespräch weitergegeben. Im Moment ist niemand da; "
    "ein Mitarbeiter antwortet Ihnen hier während der Geschäftszeiten.",
    "es": "He pasado esta conversación. Ahora mismo no hay nadie; un compañero responderá aquí en horario de atención.",
    "fr": "J'ai transmis cette conversation. Personne n'est là pour le moment ; "
    "un collègue vous répondra ici pendant les heures d'ouverture.",
    "it": "Ho passato questa conversazione. In questo momento non c'è nessuno; "
    "un collega risponderà qui in orario di ufficio.",
    "pt": "Passei esta conversa. De momento não está ninguém; um colega responderá aqui no horário de atendimento.",
    "nl": "Ik heb dit gesprek doorgegeven. Er is nu niemand aanwezig; een collega antwoordt hier tijdens kantooruren.",
    "pl": "Przekazałem tę rozmowę. W tej chwili nikogo nie ma; nasz pracownik odpowie tutaj w godzinach pracy.",
    "sv": "Jag har lämnat samtalet vidare. Just nu är ingen på plats; en kollega svarar här under kontorstid.",
    "tr": "Bu görüşmeyi ilettim. Şu anda kimse yok; bir çalışma arkadaşımız çalışma saatlerinde buradan yanıt verecek.",
    "ru": "Я передал этот разговор. Сейчас никого нет на месте; наш сотрудник ответит здесь в рабочее время.",
    "uk": "Я передав цю розмову. Зараз нікого немає на місці; наш співробітник відповість тут у робочий час.",
    "ja": "この会話を引き継ぎました。ただいま担当者が不在のため、営業時間内にこちらでお返事します。",
    "zh": "我已转交此对话。目前无人值守，同事会在工作时间内在这里回复您。",
    "th": "ส่งต่อการสนทนานี้แล้วค่ะ ขณะนี้ไม่มีเจ้าหน้าที่อยู่ เจ้าหน้าที่จะตอบที่นี่ในเวลาทำการ",
    "ko": "이 대화를 전달했습니다. 지금은 담당자가 없어 업무 시간에 여기에서 답변드리겠습니다.",
}


def in_language(sentences: Mapping[str, str], language: str | None) -> str:
    """The sentence in a language (ISO 639-1), or in English."""
    return sentences.get(language or "en", sentences["en"])
