"""Does the visitor ask for a person? A small rule for sixteen languages that would rather miss than guess.

Two forms are understood: a short message that names a person and nothing else ("Human, please"), and a sentence that
asks to speak to one ("Can I talk to a real person?"). A question *about* people ("How do I add an agent?") is neither:
it has no verb of speaking, or the noun is part of a longer one ("talk to the agent API").
"""

import re
import unicodedata

MESSAGE_MAX_CHARS = 200
"""A longer message has a matter of its own, which the bot may well know something of."""

# One pattern a language. In most, the second half says what may follow the noun: the end, a mark, or a small word.
_END = r"(?=\s*(?:$|[.,;:!?…。！？]|\b(?:{}|please|now)\b))"

_ENGLISH_PERSON = (
    r"(?:human(?: being)?|person|real person|live person|live agent|(?:support|service|human|real) agent|agent|"
    r"representative|(?:support|sales|customer service) rep(?:resentative)?|operator|someone real|"
    r"someone|somebody|(?:human|live) support|support team|staff member|employee|member of staff|colleague)"
)
_ASKING = (
    # English
    r"\b(?:talk|speak|chat)(?:ing)? (?:to|with) (?:an? |the |your |any |some |another )?(?:real |actual |live |human )?"
    + _ENGLISH_PERSON
    + _END.format("about|instead|right|today|here|who|from|because|as|if|directly|on|and"),
    r"\b(?:connect|transfer|forward|hand|put|pass) me (?:over |through |on |with |to )*"
    r"(?:an? |the |your |any )?(?:real |actual |live |human )?" + _ENGLISH_PERSON + r"\b",
    r"\b(?:i (?:want|need|would like|'d like)|i’d like|can i (?:get|have)|get me|give me) "
    r"(?:an? |the )?(?:real |actual |live )?(?:human(?: being)?|real person|live agent|"
    r"(?:human|support) agent|operator)" + _END.format("about|instead|right|to|who|not"),
    # German
    r"\bmit (?:eine[mnr]? |de[mnr] |ihre[mnr] |deine[mnr] )?(?:echten |richtigen |wirklichen |menschlichen )?"
    r"(?:menschen|person|mitarbeiter(?:in)?|kundenberater(?:in)?|berater(?:in)?|agenten|kollegen|kollegin|jemandem|"
    r"support|kundendienst|kundenservice)(?: [\wäöüß]+){0,3} "
    r"(?:sprechen|reden|chatten|verbinden|schreiben|verbunden)\b",
    r"\b(?:sprechen|reden|chatten) (?:\w+ )?mit (?:eine[mnr]? )?(?:echten |richtigen )?"
    r"(?:menschen|person|mitarbeiter(?:in)?|berater(?:in)?)\b",
    r"\bverbinde(?:n sie)? mich (?:bitte )?mit\b",
    # Spanish, Portuguese, Italian, French
    r"\b(?:hablar|chatear|comunicarme|contactar) con (?:una? |alg[uú]n |el |la |un )?"
    r"(?:persona|humano|agente|asesor[a]?|operador[a]?|representante|alguien|ser humano|empleado)\b",
    r"\b(?:p[aá]same|p[oó]ngame|con[eé]ctame|transfi[eé]re(?:me|nme)) con\b",
    r"\bfalar com (?:uma? |algum |o |a )?(?:pessoa|humano|agente|atendente|operador[a]?|assistente|algu[eé]m|"
    r"ser humano|funcion[aá]rio)\b",
    r"\bparlare con (?:una? |un'|il |la |l')?(?:persona|umano|operatore|operatrice|agente|essere umano|qualcuno|"
    r"addetto|consulente)\b",
    r"\b(?:parler|discuter|échanger) (?:à|a|avec) (?:une? |l'|le |la |votre )?(?:vraie? )?"
    r"(?:personne|humain|agent|conseill(?:er|ère)|opérateur|être humain|employé|quelqu['’]un)\b",
    # Dutch, Swedish
    r"\b(?:spreken|praten|chatten) met (?:een |de )?(?:echt(?:e)? )?(?:mens|persoon|medewerker|iemand|collega|agent)\b",
    r"\bmet (?:een |de )?(?:echt(?:e)? )?(?:mens|persoon|medewerker|iemand|collega) "
    r"(?:\w+ ){0,2}(?:spreken|praten|chatten)\b",
    r"\b(?:prata|tala|chatta) med (?:en |någon )?(?:riktig |mänsklig )?(?:människa|person|medarbetare|handläggare|"
    r"någon|kollega|agent)\b",
    # Polish, Russian, Ukrainian, Turkish
    r"\b(?:rozmawia[ćc]|porozmawia[ćc]|po[łl][ąa]cz(?:y[ćc])?(?: mnie)?|skontaktowa[ćc] si[ęe]) z (?:\w+ )?"
    r"(?:cz[łl]owiekiem|konsultantem|pracownikiem|osob[ąa]|kim[śs]|agentem|doradc[ąa])\b",
    r"\b(?:поговорить|говорить|пообщаться|связаться|соедините(?: меня)?|свяжите(?: меня)?|переключите(?: меня)?) "
    r"(?:с|на) (?:\w+ )?(?:человек(?:ом|а)|оператор(?:ом|а)|сотрудник(?:ом|а)|кем-то|"
    r"менеджер(?:ом|а)|агентом|специалист(?:ом|а))",
    r"(?:поговорити|говорити|поспілкуватися|зв['’ʼ]?язатися|з['’ʼ]?єднайте(?: мене)?) (?:з|із|зі) (?:\w+ )?"
    r"(?:людиною|оператором|співробітником|кимось|менеджером|агентом|спеціалістом)",
    r"\b(?:bir |gerçek )*(?:insan|kişi|temsilci|müşteri temsilcisi|yetkili|operatör|biri|çalışan)(?:yle|yla|le|la|"
    r"siyle|iyle|ıyla)?(?: ile)? (?:konuşmak|görüşmek|konuşabilir|görüşebilir|bağlan|yazışmak)",
    r"\b(?:temsilciye|yetkiliye|operatöre|insana) bağla",
    # Japanese, Chinese, Thai, Korean
    r"(?:人間|人|担当者|担当の方|オペレーター|スタッフ|係の方|有人)(?:の方)?(?:と|に)(?:直接)?(?:話|繋|つな|チャット|相談|代わ|かわ)",
    r"有人(?:対応|チャット)(?:に|を|で|お願い)",
    r"(?:转|轉|接|找|联系|聯繫|要|换|換)(?:一下|到|个|個|一个|一個|接)?(?:人工|真人|客服人员|客服人員)",
    r"(?:和|跟|与|與)(?:一个|一位|一個|你们的|你們的)?(?:真人|人工|真正的人|客服|工作人员|工作人員)(?:\w{0,3})?(?:说|說|谈|談|聊|讲|講|沟通|溝通|对话|對話|通话)",
    r"(?:คุย|พูด|ติดต่อ|สนทนา|แชท)(?:กับ)?\s?(?:เจ้าหน้าที่|พนักงาน|คนจริง|มนุษย์|แอดมิน|คน(?:จริง)?)",
    r"(?:상담원|상담사|사람|직원|담당자)(?:이랑|하고|과|와|랑|에게|으로|한테)?\s?(?:직접\s?)?(?:연결|통화|얘기|이야기|대화|상담|바꿔)",
)
_ALONE = (
    r"(?:(?:a|real|live|an|actual) )*(?:human(?: being)?|agent|operator|representative|"
    r"human (?:agent|support)|live (?:chat|support))",
    r"(?:a )?real person|a person",
    r"(?:(?:ein|echter|einen|echten) )*(?:mensch(?:en)?|mitarbeiter(?:in)?|kundenberater|berater)",
    r"(?:(?:un|una|uno) )?(?:humano|agente|operador[a]?|persona(?: real)?|asesor[a]?|operatore|umano|atendente|pessoa)",
    r"(?:un |une )?(?:humain|agent|conseiller|opérateur|vraie personne)",
    r"(?:een |en )?(?:mens|medewerker|människa|medarbetare)",
    r"(?:człowiek|konsultant|оператор|человек|людина|insan|temsilci|müşteri temsilcisi|operatör)",
    r"(?:人間|オペレーター|担当者|人工|人工客服|真人|转人工|เจ้าหน้าที่|แอดมิน|상담원|상담사|상담원 연결)",
)
_POLITE = re.compile(
    r"\b(?:please|pls|now|bitte|por favor|s'il vous plaît|svp|per favore|per piacere|alstublieft|graag|tack|proszę|"
    r"пожалуйста|будь ласка|lütfen|hi|hello|hallo|hola|bonjour|ciao)\b|"
    r"(?:お願いします|ください|请|ครับ|ค่ะ|주세요|부탁해요)"
)
_NOT = re.compile(
    r"\b(?:do(?:es)? not|don't|don’t|not|never|without|no need|rather than|instead of|kein(?:e|en|er|em)?|nicht|ohne|"
    r"sin|senza|sem|sans|pas|zonder|niet|geen|inte|utan|nie|bez|не|без|no quiero|non voglio|não quero|istemiyorum)\b|"
    r"(?:ではなく|不要|不想|别|ไม่ต้อง|ไม่อยาก|말고|싶지 않)"
)
_ASKS = re.compile("|".join(f"(?:{pattern})" for pattern in _ASKING))
_NAMES = re.compile("|".join(f"(?:{pattern})" for pattern in _ALONE))
_MARKS = re.compile(r"[^\w\s'’]+")


def asks_for_person(message: str) -> bool:
    """Whether the message asks, in so many words, to be put through to a person."""
    if len(message) > MESSAGE_MAX_CHARS:
        return False
    text = " ".join(unicodedata.normalize("NFKC", message).casefold().split())
    bare = " ".join(_POLITE.sub(" ", _MARKS.sub(" ", text)).split())
    if _NAMES.fullmatch(bare):
        return True
    asks = _ASKS.search(text)
    return asks is not None and not _NOT.search(text[: asks.end() + 20])
