"""All personal values in a text, none inside another."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain

from aivastark.kit.languages import detect
from aivastark.kit.personal.emails import find_emails
from aivastark.kit.personal.found import Found, Kind
from aivastark.kit.personal.ips import find_ips
from aivastark.kit.personal.numbers import find_cards, find_ibans
from aivastark.kit.personal.phones import REGIONS_OF, find_phones
from aivastark.kit.personal.view import view_of

WHERE_NOTHING_IS_KNOWN = ("US", "GB", "DE", "FR", "IT", "ES", "BR")
"""Countries of national numbers in a text too short to tell its language."""
BLOT = "\x00"


def find_personal(
    text: str, kinds: Collection[Kind], *, regions: Sequence[str] = (), language: str | None = None
) -> list[Found]:
    """What there is of `kinds`, in order, with places in `text` as it is.

    National telephone numbers are those of `regions`, else of the countries where the text's language is spoken.
    A value that looks like two kinds is the one that proves itself: a card number is no telephone number. Takes time
    in proportion to the text, whatever it holds.
    """
    view = view_of(text)
    seen = view.text
    if not any(character in seen for character in "@%:") and not any(map(str.isdigit, seen)):
        return []

    def countries() -> Sequence[str]:
        return regions or REGIONS_OF.get(language or detect(text) or "", WHERE_NOTHING_IS_KNOWN)

    every = _apart(find_emails(seen), find_ibans(seen), find_cards(seen), find_ips(seen))
    if "phone" in kinds:
        every += find_phones(_without(seen, every), regions=cache(countries))
    found = []
    for one in sorted(every, key=lambda one: one.start):
        if one.kind in kinds:
            start, end = view.original(one.start, one.end)
            found.append(Found(kind=one.kind, start=start, end=end, value=one.value))
    return found


def _apart(*by_kind: Iterable[Found]) -> list[Found]:
    """All of them but those that overlap one that came before."""
    taken: list[Found] = []
    covered: set[int] = set()
    for one in chain(*by_kind):
        places = range(one.start, one.end)
        if covered.isdisjoint(places):
            covered.update(places)
            taken.append(one)
    return taken


def _without(text: str, found: Iterable[Found]) -> str:
    """The text with a blot on what was found, every other character in its place."""
    parts, end = [], 0
    for one in sorted(found, key=lambda one: one.start):
        parts += [text[end : one.start], BLOT * (one.end - one.start)]
        end = one.end
    return "".join([*parts, text[end:]])
