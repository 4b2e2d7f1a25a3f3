"""Numbers that prove themselves: payment cards by Luhn's digit (ISO/IEC 7812), IBANs by their remainder (ISO 13616)."""

import re
from collections.abc import Iterator

from aivastark.kit.personal.found import Found

CARD_MIN_DIGITS, CARD_MAX_DIGITS = 13, 19
CARD_GROUP_MIN_DIGITS = 2
_RUN = re.compile(r"\d(?:[ .-]{0,3}\d){12,}")
_GROUP = re.compile(r"\d+")

# First digits and lengths of the schemes; a number of digits that Luhn's rule lets through by chance rarely has both.
_CARDS = re.compile(
    r"4(?:\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|(?:50|5[6-9]|6[0-9])\d{14}"  # Maestro
    r"|220[0-4]\d{12,15}"  # Mir
)
_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# How long an IBAN is in each country of the SWIFT registry.
_IBAN_CHARS = {
    **{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29},
    **{"BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29},
    **{"ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28},
    **{"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28},
    **{"LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20},
    **{"MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25},
    **{"QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27},
    **{"SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30},
}
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])(?P<country>[A-Za-z]{2})[ -]?\d[ -]?\d(?=[ -]{0,2}[A-Za-z0-9])")
_IBAN_NEXT = re.compile(r"[ .-]{0,2}([A-Za-z0-9])")
_ALNUM = re.compile(r"[A-Za-z0-9]")


def find_cards(text: str) -> Iterator[Found]:
    """Numbers of payment cards, in groups or not, also with an expiry date behind them."""
    for run in _RUN.finditer(text):
        if _is_part_of_word(text, run.start(), run.end()):
            continue
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, run.start(), run.end())]
        at = 0
        while at < len(groups):
            taken = _card_at(text, groups, at)
            if taken is None:
                at += 1
                continue
            digits, last = taken
            yield Found(kind="card", start=groups[at][0], end=groups[last][1], value=digits)
            at = last + 1


def find_ibans(text: str) -> Iterator[Found]:
    """International bank account numbers, in groups or not, in capitals or not."""
    end = 0
    for match in _IBAN_START.finditer(text):
        chars = _IBAN_CHARS.get(match["country"].upper())
        if chars is None or match.start() < end:
            continue
        parts, at = _ALNUM.findall(match[0]), match.end()
        while len(parts) < chars and (following := _IBAN_NEXT.match(text, at)) is not None:
            parts.append(following[1])
            at = following.end()
        iban = "".join(parts).upper()
        if len(iban) == chars and not _ALNUM.match(text, at) and _leaves_one(iban):
            end = at
            yield Found(kind="iban", start=match.start(), end=at, value=iban)


def _card_at(text: str, groups: list[tuple[int, int]], at: int) -> tuple[str, int] | None:
    """The longest card number that begins with this group and ends with one: its digits, and which group that is."""
    digits, best = "", None
    for last in range(at, min(len(groups), at + CARD_MAX_DIGITS)):
        start, end = groups[last]
        digits += text[start:end]
        if len(digits) > CARD_MAX_DIGITS or end - start < CARD_GROUP_MIN_DIGITS:
            break
        if len(digits) >= CARD_MIN_DIGITS and _CARDS.fullmatch(digits) and _passes_luhn(digits):
            best = (digits, last)
    return best


def _passes_luhn(digits: str) -> bool:
    figures = [int(digit) for digit in reversed(digits)]
    return (sum(figures[::2]) + sum(_TWICE[figure] for figure in figures[1::2])) % 10 == 0


def _leaves_one(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _is_part_of_word(text: str, start: int, end: int) -> bool:
    """Whether a letter stands right before or after, as in a serial number; scripts without spaces do that in prose."""
    return _is_latin(text[start - 1 : start]) or _is_latin(text[end : end + 1])


def _is_latin(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalpha())
