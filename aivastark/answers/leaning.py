"""How a question shows that it leans on the one before: openers, words that point back, ellipses, by language.

Kept apart by language because function words collide: Dutch `die` points back, German `die` is "the".
"""

import re
from functools import lru_cache

_OPENERS = {
    "en": "and|what about|how about|or|but|also|then|so|what if|what else|anything else|even|same for",
    "de": "und|was ist mit|wie sieht es mit|wie steht es mit|oder|aber|auch|dann",
    "es": "y|qué pasa con|qué tal|qué hay de|o|pero|también|entonces",
    "fr": "et|qu'en est-il|ou|mais|aussi|alors",
    "it": "e|che dire di|o|ma|anche|allora",
    "pt": "e|que tal|ou|mas|também|então",
    "nl": "en|hoe zit het met|of|maar|ook|dan",
    "ru": "а|и|но|что насчёт|что насчет|или|также|тогда",
    "zh": "那么|那|还有|如果",
    "ja": "では|じゃあ|それで|また",
    "th": "แล้ว|ถ้า",
}
_POINTERS = {
    "en": r"it|its|they|them|their|theirs|he|him|his|she|her|hers|those|these|the same|(?:that|this"
    r"|which) one|there(?=\s*\?*$)"
    r"|(?:is|does|do|did|can|will|was|with|for|about|like|of|to|than|doing|after|before|without"
    r"|mean by) (?:that|this)",
    "de": "er|ihn|ihm|dies|diese[rsmn]?|dieselben?|dort|dafür|damit|davon|darauf|darin|dazu|dabei|dagegen"
    "|darüber|daran|darunter"
    r"|ihre[rnms]?|deren|dessen|(?:gilt|ist|geht|kostet|kann|wird|dauert) (?:das|es|sie)|(?:es|das"
    r"|sie)(?= (?:auch|noch|gültig)|\?)",
    "es": "eso|esto|ello|ellos|ellas|él|ella|ese|esa|esos|esas|este|esta|allí|ahí|su|sus|lo mismo",
    "fr": "il|elle|ils|elles|ça|cela|celui|celle|leur|leurs|là|lui|ce|cette|son|sa|ses",
    "it": "lui|lei|loro|questo|questa|quello|quella|ciò|suo|sua|lì",
    "pt": "isso|isto|ele|ela|eles|elas|esse|essa|este|esta|seu|sua|lá",
    "nl": "het|hij|zij|ze|die|dat|deze|dit|daar|zijn|haar|hun",
    "ru": "он|она|оно|они|его|её|их|это|этот|эта|эти|там|ему|ей|им",
    "zh": "它|他|她|他们|她们|这个|那个|这些|那些|其中",
    "ja": "それ|これ|その|この|あれ|そこ|彼|彼女",
    "th": "มัน|นั้น|นี้",
}
_ELLIPSES = {
    "en": "why not|why|how so|how come|how long|how much|how many|how often|how far|how|when|where|who"
    "|which|since when|until when"
    "|for|in|on|with|without|from|to|at|by",
    "de": "warum|wieso|wie lange|wie viel|wie oft|wie|wann|wo|wer|welche[rs]?|ab wann|bis wann|seit wann"
    "|für|in|mit|ohne|bei",
    "es": "por qué|cómo|cuándo|dónde|cuánto|cuánta|quién|para|en|con|sin",
    "fr": "pourquoi|comment|quand|où|combien|qui|pour|avec|sans|en|dans",
    "it": "perché|come|quando|dove|quanto|chi|per|con|senza|in",
    "pt": "por que|por quê|como|quando|onde|quanto|quem|para|com|sem|em",
    "nl": "waarom|hoe|wanneer|waar|wie|voor|met|zonder|in",
    "ru": "почему|как|когда|где|сколько|кто|для|с|без|в",
    "zh": "为什么|怎么|多久|多少|谁|哪里|什么时候",
    "ja": "なぜ|いつ|どこ|誰|いくら|どうして",
    "th": "ทำไม|เมื่อไหร่|ที่ไหน|เท่าไหร่",
}
# "It" that points at nothing: "Is it possible to…", "Is there a…".
_EXPLETIVE = re.compile(
    r"\b(?:(?:is|was|be|will|can|would|does|do) it (?:possible|necessary|required|safe|legal|ok|okay"
    r"|allowed|true|take|matter)\b"
    r"|(?:is|are|was|were|be) there\b|there (?:is|are)\b|what time is it)(?!\s*[?.]*$)"
    r"|(?<!\w)(?:gibt es|ist es möglich|hay|es posible|est-il possible|y a-t-il)(?!\w)",
    re.IGNORECASE,
)
_UNSPACED_LANGUAGES = frozenset(("zh", "ja", "th"))
_WITHOUT_LANGUAGE = ("en", "zh", "ja", "th")


def opens_like_a_follow_up(question: str, language: str | None) -> bool:
    """ "And …", "What about …"."""
    return _pattern("opener", language).match(question) is not None


def points_back(question: str, language: str | None) -> bool:
    """A pronoun or pointing word that needs something said before."""
    return _EXPLETIVE.search(question) is None and _pattern("pointer", language).search(question) is not None


def is_elliptic(question: str, language: str | None) -> bool:
    """Opens with a bare question word or preposition: "Since when?", "For students?"."""
    return _pattern("ellipsis", language).match(question) is not None


@lru_cache(maxsize=64)
def _pattern(kind: str, language: str | None) -> re.Pattern[str]:
    table = {"opener": _OPENERS, "pointer": _POINTERS, "ellipsis": _ELLIPSES}[kind]
    chosen = (language,) if language in table else _WITHOUT_LANGUAGE
    spaced = "|".join(table[each] for each in chosen if each and each not in _UNSPACED_LANGUAGES)
    unspaced = "|".join(table[each] for each in chosen if each in _UNSPACED_LANGUAGES)
    parts = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    parts += [unspaced] if unspaced else []
    lead = "" if kind == "pointer" else r"[\s¿¡]*"
    return re.compile(f"{lead}(?:{'|'.join(parts)})", re.IGNORECASE)
