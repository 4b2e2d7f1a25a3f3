"""E-mail addresses in free text, also where no space parts them from the words around, and with `%40` in links."""

import re
from collections.abc import Iterator

from aivastark.kit.personal.found import Found

# Letters of scripts that part words by spaces. In others an address ends where theirs begin: `宛先はa@b.exampleです`.
_LETTER = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u04ff"
LOCAL_MAX_CHARS = 64
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_EMAIL = re.compile(
    rf"(?<![{_LETTER}_])[{_LETTER}_][{_LETTER}_.+'%&!~-]{{0,{LOCAL_MAX_CHARS - 1}}}(?:@|%40)"
    rf"(?P<domain>(?:{_LABEL}\.){{1,8}}(?:xn--[a-z0-9-]{{1,59}}|(?![0-9])[{_LETTER}]{{2,63}}))(?![{_LETTER}_])"
)
_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "pdf"})
"""Ends of `icon@2x.png`; none is a top-level domain."""


def find_emails(text: str) -> Iterator[Found]:
    """Every address that could be one, with a domain of two labels or more."""
    if "@" not in text and "%40" not in text:
        return
    for match in _EMAIL.finditer(text):
        domain = match["domain"].casefold()
        is_repository = match[0].startswith("git@") and text[match.end() : match.end() + 1] == ":"
        if domain.rpartition(".")[2] in _PICTURES or is_repository:
            continue
        local = match[0][: match.start("domain") - match.start()].removesuffix("@").removesuffix("%40")
        yield Found(kind="email", start=match.start(), end=match.end(), value=f"{local}@{match['domain']}".casefold())
