"""Furniture known by what it says, where neither element nor name tells: "Edit this page", "Last updated on …"."""

import re
from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.trees import text_of

MAX_PHRASE_WORDS = 12  # a longer element says something of its own
MAX_PHRASE_CHARACTERS = 200

_PHRASE = re.compile(
    r"""^\W*(
    (edit|improve|fork) \s (this|the) \s (page|article|doc(ument)?)(\s on \s \w+)?
    | (edit|view) \s (page \s)?(on|in) \s \w+ | suggest \s (an? \s)?(edits?|changes?) | view \s (page \s)?source
    | (report|open) \s (an? \s)?(issue|bug)(\s with \s this \s page)?
    | (last|page) \s (updated|modified|edited|reviewed)\b.*
    | (back|return|scroll) \s to \s (the \s)?top | skip \s to \s [\w\s]+
    | (was|did|is) \s this \s (page|article|answer|section)?\s?(helpful|useful|help(\s you)?)\b.*
    | (did \s you \s find|rate) \s this \s (page|article)\b.*
    | share \s (this)?(\s (page|article|post|story))?(\s (on|via) \s \w+)?
    | (please \s)?(sign|log) \s in \s to \s (leave|submit|post) \s .*
    | (subscribe|sign \s up) \s (to|for) \s (our|the) \s .*newsletter.*
    | (click|tap) \s to \s (toggle|expand|collapse|copy|enlarge|zoom)(\s \w+)?
    | (copy|copied) (\s (link|code|to \s clipboard))? | table \s of \s contents | (on|in) \s this \s (page|article)
    | (previous|next)(\s (page|article|post|chapter|topic|section))? | \d+ \s min(utes?)? \s (to \s)?read
    | print \s (this \s)?page | (have \s more \s questions\? \s)?submit \s a \s request | still \s need \s help\??
    | powered \s by \s \w+ | \d+ \s (out \s)?of \s \d+ \s found \s this \s helpful | see \s all \s \d+ \s articles
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)


def phrases_of_sites(part: etree._Element) -> Iterator[etree._Element]:
    """Small elements that say nothing else. Those in a sentence stay: there they are the page's own words."""
    for element in part.iterdescendants(
        "p", "div", "span", "a", "small", "li", "em", "i", "time", "h2", "h3", "h4", "h5"
    ):
        if _stands_in_text(element) or sum(1 for _ in zip(element.iter(), range(20), strict=False)) >= 20:
            continue
        text = " ".join(text_of(element)[: MAX_PHRASE_CHARACTERS + 1].split())
        if len(text) <= MAX_PHRASE_CHARACTERS and len(text.split()) <= MAX_PHRASE_WORDS and _PHRASE.match(text):
            yield element


def _stands_in_text(element: etree._Element) -> bool:
    """Whether there are words beside it in the element around it, or it is code or a cell."""
    parent = element.getparent()
    if parent is None or any(True for _ in element.iterancestors("pre", "code", "td", "th", "dt", "dd", "blockquote")):
        return True
    before = element.getprevious()
    beside = (parent.text if before is None else before.tail) or ""
    return bool(beside.strip(" \t\n|·•-")) or bool((element.tail or "").strip(" \t\n|·•-"))
