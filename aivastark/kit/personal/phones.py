"""Telephone numbers in free text, checked against the numbering plans of libphonenumber (the package phonenumbers).

The library's own finder is not used: it asks for one country, and takes bare runs of digits, which in a support chat
are orders and articles. Here a number is one with `+`, or a national one that its country's plan knows and that is
written as telephone numbers are, or one that a word before it calls so.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from aivastark.kit.personal.found import Found

MIN_DIGITS, MAX_DIGITS = 7, 15
MIN_DIGITS_UNANNOUNCED = 9
TRIES_MAX = 300
"""Look-ups in numbering plans for one text (20 µs each); beyond, what looks like a number counts as one."""
_BEFORE_CHARS = 32

REGIONS_OF: dict[str, tuple[str, ...]] = {
    **{"en": ("US", "GB", "AU", "IE"), "de": ("DE", "AT", "CH"), "fr": ("FR", "BE", "CH"), "es": ("ES", "MX", "AR")},
    **{"pt": ("BR", "PT"), "it": ("IT",), "nl": ("NL", "BE"), "pl": ("PL",), "cs": ("CZ",), "sk": ("SK",)},
    **{"ru": ("RU",), "uk": ("UA",), "ja": ("JP",), "ko": ("KR",), "zh": ("CN", "TW"), "tr": ("TR",), "sv": ("SE",)},
    **{"da": ("DK",), "no": ("NO",), "nb": ("NO",), "fi": ("FI",), "el": ("GR",), "hu": ("HU",), "ro": ("RO",)},
    **{"ar": ("SA", "AE", "EG"), "he": ("IL",), "hi": ("IN",), "id": ("ID",), "vi": ("VN",), "th": ("TH",)},
}
"""Whose national numbers a text in a language may hold, where the project names no countries."""

_CODES = (
    "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM "
    "FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN "
    "MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT "
    "PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK "
    "TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
)
REGIONS = tuple(_CODES.split())
"""Countries (ISO 3166) with a numbering plan."""

_Words = Literal["announced", "reference", ""]

_RUN = re.compile(r"(?:\+|\(\+?)?\d(?:[ ().\-/]{0,3}\d){6,}")
_GROUP = re.compile(r"\d+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:[0-2]?\d|3[01])|"
    r"(?:[0-2]?\d|3[01])[-./ ]{1,2}(?:[0-2]?\d|3[01])[-./ ]{1,2}(?:(?:19|20)\d\d|\d\d))(?:[ ]{1,2}\d{1,2}(?:[.]\d\d)?)?"
)
_DOTTED = re.compile(r"\d+(?:\.\d+){1,3}")
_ANNOUNCED = re.compile(
    r"phone|\breach|\btel\b|\btel[.:]|telef|teléf|télé|\bcall|\bring\b|\bmobil|\bmóvil|\bcell|cellul|celular|\bfax|handy|"
    r"whats ?app|signal|\bsms|\btext me|rufnummer|anruf|ruf(?:en|t|e)?\b|erreich|\bportable|appel|joindre|llám|llam|"
    r"ligar|ligue|telemóvel|chiam|recapito|\bbel\b|\bbellen|komórk|zadzwo|dzwoni|\bтел|телефон|звон|моб|ватсап|"
    r"电话|電話|手机|手機|携帯|ケ[ー-]タイ|전화|휴대폰|핸드폰|연락처|هاتف|جوال|تلفون|اتصل|फ़?ोन|मोबाइल|\bgsm\b|"
    r"\barayın|puhelin|mobilnr|τηλ|טלפון|נייד|\bđt\b|điện thoại|\bhp\b|\bwa\b|โทร|"
    r"\bmy number|meine nummer|mon numéro|\bmi número|meu número|mio numero|mijn nummer|mój numer|мой номер|"
    r"моему номеру|我的号码|私の番号|내 번호|numaram",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"order|invoice|ticket|\bref|serial|tracking|parcel|article|item|sku|isbn|\bean\b|\bcase\b|\bcode\b|\berror|\bid\b|"
    r"account|customer n|contract|bestell|rechnung|vorgang|kunden|artikel|serien|sendung|vertrag|auftrag|fehler|konto|"
    r"commande|facture|colis|dossier|erreur|contrat|pedido|factura|fatura|encomenda|envío|seguimiento|contrato|ordine|"
    r"fattura|spedizione|bestelling|factuur|zamówien|faktur|przesyłk|\bobjednáv|заказ|счёт|счет|накладн|трек|артикул|"
    r"ошибк|договор|订单|訂單|单号|發票|发票|编号|注文|請求|伝票|型番|品番|エラ[ー-]|주문|송장|운송장|청구|오류|طلب|فاتورة|ऑर्डर|"
    r"sipariş|замовл|\bmodel|siret|siren|codice|cliente|client\b|objedn|ordrenr|megrendel|#|№|\bn[°º]|version|\bprice|\bpreis|\bprix",
    re.IGNORECASE,
)


@dataclass(kw_only=True, slots=True)
class _Looking:
    """One text being looked through."""

    text: str
    regions: Callable[[], Sequence[str]]
    tries: int = TRIES_MAX


def find_phones(text: str, *, regions: Callable[[], Sequence[str]]) -> Iterator[Found]:
    """Telephone numbers; `regions` is asked for the countries of national ones if there may be any."""
    looking = _Looking(text=text, regions=regions)
    urls = deque(match.span() for match in _URL.finditer(text))
    for run in _RUN.finditer(text):
        while urls and urls[0][1] <= run.start():
            urls.popleft()
        if (urls and urls[0][0] < run.end()) or _is_glued(text, run.start(), run.end()):
            continue
        yield from _in_run(looking, run.start(), run.end())


def _in_run(looking: _Looking, start: int, end: int) -> Iterator[Found]:
    """Whole groups of digits that make a number, the longest first."""
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(looking.text, start, end)]
    at = 0
    while at < len(groups):
        begins = _beginning(looking.text, groups[at][0], start)
        found = None
        if at == 0 or looking.text[groups[at][0] - 1] in " (+":
            found = _longest(looking, groups, at, begins)
        if found is None:
            at += 1
            continue
        last, value = found
        yield Found(kind="phone", start=begins, end=groups[last][1], value=value)
        at = last + 1


def _longest(looking: _Looking, groups: list[tuple[int, int]], at: int, begins: int) -> tuple[int, str] | None:
    ends, digits = [], 0
    for last in range(at, len(groups)):
        digits += groups[last][1] - groups[last][0]
        if digits > MAX_DIGITS + 2:
            break
        is_whole = last == len(groups) - 1 or looking.text[groups[last][1]] not in ".-/"
        if digits >= MIN_DIGITS and is_whole:
            ends.append(last)
    words = _words_before(looking.text, begins) if ends else ""
    for last in reversed(ends):
        written = looking.text[begins : groups[last][1]]
        sizes = [end - start for start, end in groups[at : last + 1]]
        value = _number(looking, written, sizes, words, is_whole=len(sizes) == len(groups))
        if value is not None:
            return last, value
    return None


def _number(looking: _Looking, written: str, sizes: list[int], words: _Words, *, is_whole: bool) -> str | None:
    """The number that `written` is, in one spelling for all; None where it is none.

    `is_whole`: no other digits stand beside it.
    """
    if _DATE.fullmatch(written):
        return None
    digits = "".join(_GROUP.findall(written))
    if "+" in written[:2]:
        return _planned(looking, f"+{digits}", None, must_be_valid=False)
    if words == "reference":
        return None
    if digits.startswith("00"):
        return _planned(looking, f"+{digits[2:]}", None, must_be_valid=True)
    if words == "announced":
        planned = (_planned(looking, digits, region, must_be_valid=False) for region in looking.regions())
        return next((value for value in planned if value is not None), None)
    if len(digits) < MIN_DIGITS_UNANNOUNCED or (_DOTTED.fullmatch(written) and not written.startswith("0")):
        return None
    for region in looking.regions():
        value = _planned(looking, digits, region, must_be_valid=True)
        if value is not None and _is_written_as_phone(written, value, sizes, is_whole=is_whole):
            return value
    return None


def _planned(looking: _Looking, digits: str, region: str | None, *, must_be_valid: bool) -> str | None:
    """E.164 of a number that the plan has a place for."""
    if looking.tries <= 0:  # a text made of numbers: rather too much hidden than a server kept busy
        return digits
    looking.tries -= 1
    phonenumbers = _phonenumbers()
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_valid_number(number) if must_be_valid else phonenumbers.is_possible_number(number)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if fits else None


def _is_written_as_phone(written: str, value: str, sizes: list[int], *, is_whole: bool) -> bool:
    """With the 0 that is dialled first, or all there is and grouped as in its country; bare digits may be anything."""
    if written.lstrip("(").startswith("0"):
        return True
    if len(sizes) < 3:
        return written.startswith("(") and len(sizes) == 2
    if "." in written or "/" in written:
        return False
    return is_whole and ((len(set(sizes)) == 1 and " " in written) or sizes == _grouping(value))


def _grouping(value: str) -> list[int]:
    """How many digits stand together in the number as its country writes it; none for what is no number."""
    phonenumbers = _phonenumbers()
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return []
    spelled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return [len(group) for group in _GROUP.findall(spelled)]


def _words_before(text: str, begins: int) -> _Words:
    """What the words right before a number, in its line, call it: the nearest decides."""
    before = text[max(0, begins - _BEFORE_CHARS) : begins].rpartition("\n")[2]
    announced, reference = _last(_ANNOUNCED, before), _last(_REFERENCE, before)
    if announced < 0 and reference < 0:
        return ""
    return "announced" if announced >= reference else "reference"


def _beginning(text: str, digit: int, start: int) -> int:
    """Where a number begins whose first digit stands there: at its `+` and its bracket."""
    at = digit
    if at > start and text[at - 1] == "+":
        at -= 1
    if at > start and text[at - 1] == "(":
        at -= 1
    return at


def _is_glued(text: str, start: int, end: int) -> bool:
    """Whether what stands right before or after makes it something else: a word, a price, a share, an address."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return bool(
        (before and (before in "#@=&_%$€£¥+*^~\\" or (before.isascii() and before.isalpha())))
        or (before in (".", ",", "-", "/") and text[start - 2 : start - 1].isalnum())
        or (after and (after in "@%€$£¥_" or (after.isascii() and after.isalpha())))
        or re.match(r",\d| ?(?:€|\$|£|EUR|USD|GBP|CHF|zł|руб|₽|円|元|원)", text[end : end + 5])
    )


def _last(pattern: re.Pattern[str], before: str) -> int:
    return max((match.end() for match in pattern.finditer(before)), default=-1)


@cache
def _phonenumbers() -> Any:
    """Loaded when the first number comes: 40 ms and 7 MB that installs without masking are spared."""
    import phonenumbers

    return phonenumbers
