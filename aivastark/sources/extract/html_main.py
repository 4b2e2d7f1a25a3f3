"""Finds the part of a page that is its content: what is surely not goes first, then the main element is chosen.

Nothing is dropped on a name alone: an element with a name such as "sidebar" stays when it holds a good part of the
page's words, and a main element that holds too few of them is not believed.
"""

import re
from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.html_blocks import SILENT
from aivastark.sources.extract.html_names import is_linky, is_named, names_comments
from aivastark.sources.extract.html_phrases import phrases_of_sites
from aivastark.sources.extract.html_tabs import name_panels
from aivastark.sources.extract.trees import drop, elements, text_of

MIN_MAIN_SHARE = 0.35  # of the page's words outside links; with fewer the main element is not believed
MAX_NAMED_SHARE = 0.35  # an element that holds more of the words is content, whatever its name
MAX_NAMED_WORDS = 400  # outside links; likewise
SURELY_FEW_WORDS = 10  # outside links: furniture even on a page of few words
LINK_LIST_SHARE = 0.75  # of an element's words are in links: a menu, outside the main element
MIN_LINK_LIST_LINKS = 4
MAX_LEAD_WORDS = 150  # outside links, in the block that holds the page's heading
MAX_LINKY_WORDS = 40
PARTS_SHARE = 0.8  # of the words of several articles are in the largest: then it is the page; else each is a part of it
MAX_LINKED_SHARE = 0.6  # of a page's words are in links: a page of links, which keeps them
MIN_HEADLINES = 2  # links of so many words beside pictures, dates or headings: other articles
MIN_HEADLINE_WORDS = 4
PROSE_SHARE = 0.9  # of the running text is in one element: the content, where no element is marked as such
MIN_PROSE_WORDS = 8  # outside links, in a paragraph that counts as running text
MIN_PROSE = 60  # words of it, on a page that is judged by them
MIN_WORDS_BESIDE_COMMENTS = 60
MENU_SHARE = 0.9  # of an element's words are in links: a menu, even inside what is only named as the content
MIN_MENU_LINKS = 15
MAX_CHOICES = 12  # hidden elements side by side of which a script shows one
MIN_CONTENTS_LINKS = 3  # to places on the page itself
MAX_CONTENTS_WORDS = 2_000
CONTENTS_SHARE = 0.8  # of those links say what a heading of the page says: its table of contents

_GONE_ROLES = {
    "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist",
    "tooltip", "doc-toc", "doc-pagelist", "doc-index",
}  # fmt: skip
_TEXT = {"p", "pre", "li", "dd", "td", "blockquote", "h1"}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNFOLDS = re.compile(r"tab|panel|accordion|collaps|content|expand|answer|faq|detail", re.IGNORECASE)
_MAIN_NAMES = (
    ".//main | .//*[@role='main']",
    ".//article | .//*[@role='article'] | .//*[@itemprop='articleBody']",
    ".//*[@id='content' or @id='main-content' or @id='main' or @id='bodyContent' or @id='page-content']",
    ".//*[contains(concat(' ', normalize-space(@class), ' '), ' markdown-body ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' entry-content ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' post-content ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' article-content ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' main-content ')]",
)


class Words:
    """How many words each element holds, and how many of them are in links; counted once, bottom up."""

    def __init__(self, root: etree._Element) -> None:
        self._all: dict[etree._Element, int] = {}
        self._linked: dict[etree._Element, int] = {}
        for _, element in etree.iterwalk(root, events=("end",)):
            count = linked = 0
            if isinstance(element.tag, str) and element.tag not in SILENT:
                count = _count(element.text)
                for child in element:
                    count += self._all.get(child, 0) + _count(child.tail)
                    linked += self._linked.get(child, 0)
                if element.tag == "a":
                    linked = count
            self._all[element] = count
            self._linked[element] = linked

    def plain(self, element: etree._Element) -> int:
        """Words outside links."""
        return self._all.get(element, 0) - self._linked.get(element, 0)

    def total(self, element: etree._Element) -> int:
        return self._all.get(element, 0)

    def link_share(self, element: etree._Element) -> float:
        return self._linked.get(element, 0) / max(1, self._all.get(element, 0))


def main_parts(root: etree._Element) -> list[etree._Element]:
    """The elements of the page to read, in order, without what is not content. Changes the tree."""
    body = root.find(".//body")
    body = root if body is None else body
    declared = root.find(".//title")
    title = "" if declared is None else _letters(declared)
    name_panels(body)
    _drop(_surely_gone(body))
    _drop(_comments(body, Words(body)))
    words = Words(body)
    main = _chosen(body, words)
    if main is None:
        _drop(_page_frame(body))
        _drop(_link_lists(body, Words(body)))
        main = _prose(body)
    parts = [body] if main is None else [*_lead(body, main, words, title), main]
    headings = {_letters(element) for part in parts for element in part.iter("h1", "h2", "h3", "h4", "h5", "h6")}
    for part in parts:
        _drop(_contents_lists(part, headings, Words(part)))
        _drop(_headlines(part, Words(part)))
        if part.tag not in {"main", "article"} and part.get("role") != "main":
            _drop(_link_lists(part, Words(part), share=MENU_SHARE, links=MIN_MENU_LINKS))
    for part in parts:
        _drop(_named_otherwise(part, Words(part), title))
        _drop(phrases_of_sites(part))
    return parts


def _lead(body: etree._Element, main: etree._Element, words: Words, title: str) -> list[etree._Element]:
    """What stands with the page's first heading before a main part that has none: a name, a summary."""
    if main.find(".//h1") is not None:
        return []
    if any(_begins(title, heading) for heading in main.iterdescendants("h2", "h3")):
        return []
    around = {main, *main.iterancestors()}
    for heading in body.iterdescendants("h1"):
        block = heading
        while (parent := block.getparent()) is not None and parent not in around:
            block = parent
        is_small = words.plain(block) <= MAX_LEAD_WORDS and words.link_share(block) < 0.5
        return [block if is_small else heading]
    return []


def _chosen(body: etree._Element, words: Words) -> etree._Element | None:
    """The smallest marked element that holds enough of the page, or None."""
    enough = max(1.0, words.plain(body) * MIN_MAIN_SHARE)
    for path in _MAIN_NAMES:
        found = elements(body, path)
        best = max(found, key=words.plain, default=None)
        if best is None or words.plain(best) < enough:
            continue
        if words.plain(best) >= sum(map(words.plain, _outermost(found))) * PARTS_SHARE:
            return _article_in(best, words)
    return None


def _outermost(found: list[etree._Element]) -> list[etree._Element]:
    """Those that stand in none of the others."""
    inside = set(found)
    return [element for element in found if not any(around in inside for around in element.iterancestors())]


def _prose(body: etree._Element) -> etree._Element | None:
    """The smallest element that holds nearly all running text, where nothing is marked; None for the body itself."""
    words = Words(body)
    prose: dict[etree._Element, int] = {}
    for _, element in etree.iterwalk(body, events=("end",)):
        within = sum(prose.get(child, 0) for child in element)
        is_text = element.tag in _TEXT and not within and words.plain(element) >= MIN_PROSE_WORDS
        prose[element] = words.plain(element) if is_text else within
    place = body
    while prose[body] >= MIN_PROSE:
        inner = max(place, key=lambda child: prose[child], default=None)
        if inner is None or prose[inner] < prose[body] * PROSE_SHARE or inner.tag in {"ul", "ol", "table", *_TEXT}:
            break
        place = inner
    return None if place is body else place


def _comments(body: etree._Element, words: Words) -> Iterator[etree._Element]:
    """What readers wrote below a page that has words of its own."""
    total = words.plain(body)
    for element in body.iterdescendants("div", "section", "ol", "ul", "aside"):
        if names_comments(element) and total - words.plain(element) >= MIN_WORDS_BESIDE_COMMENTS:
            yield element


def _article_in(main: etree._Element, words: Words) -> etree._Element:
    """The article within the main element when it holds nearly all of it."""
    for article in main.iterdescendants("article"):
        if words.plain(article) >= words.plain(main) * 0.85:
            return article
    return main


def _surely_gone(body: etree._Element) -> Iterator[etree._Element]:
    for element in body.iterdescendants():
        if not isinstance(element.tag, str) or element.tag in SILENT:
            continue
        role = (element.get("role") or "").lower()
        if (
            element.tag in {"nav", "dialog"}
            or role in _GONE_ROLES
            or _is_hidden(element)
            or (element.tag == "footer" and not any(True for _ in element.iterancestors("blockquote")))
            or (element.tag == "button" and not _is_question(element))
        ):
            yield element


def _page_frame(body: etree._Element) -> Iterator[etree._Element]:
    """Header and sidebars of the page itself, not those of an article in it."""
    for element in body.iterdescendants("header", "aside"):
        if not any(True for _ in element.iterancestors("article", "main", "section")):
            yield element


def _contents_lists(part: etree._Element, headings: set[str], words: Words) -> Iterator[etree._Element]:
    """The page's own table of contents: links to its headings, in their words."""
    for element in part.iterdescendants("ul", "ol", "nav", "div", "details", "table"):
        if words.link_share(element) < MENU_SHARE or words.total(element) > MAX_CONTENTS_WORDS:
            continue
        links = [link for link in element.iterdescendants("a") if (link.get("href") or "").startswith("#")]
        told = [text for link in links if (text := _letters(link))]
        if len(told) >= MIN_CONTENTS_LINKS and sum(text in headings for text in told) >= len(told) * CONTENTS_SHARE:
            yield element


def _headlines(part: etree._Element, words: Words) -> Iterator[etree._Element]:
    """Links to other articles with their pictures, dates or headings: "more from us" below or within one."""
    if words.link_share(part) > MAX_LINKED_SHARE or words.plain(part) < MIN_PROSE:
        return
    for element in part.iterdescendants("ul", "ol", "div", "section", "aside", "table"):
        if words.link_share(element) < LINK_LIST_SHARE or element.find(".//h1") is not None:
            continue
        links = [link for link in element.iterdescendants("a") if words.total(link) >= MIN_HEADLINE_WORDS]
        drawn = any(True for _ in element.iterdescendants("img", "time", "h2", "h3", "h4", "h5"))
        if len(links) >= MIN_HEADLINES and drawn and not _follows_sentence(element):
            yield element


def _letters(element: etree._Element) -> str:
    return "".join(filter(str.isalnum, text_of(element).casefold()))


def _link_lists(
    body: etree._Element, words: Words, *, share: float = LINK_LIST_SHARE, links: int = MIN_LINK_LIST_LINKS
) -> Iterator[etree._Element]:
    """Menus without a name: nearly nothing but several links. A page of links only keeps them."""
    if words.link_share(body) > MAX_LINKED_SHARE:
        return
    for element in body.iterdescendants("ul", "ol", "div", "td", "table", "p"):
        if words.link_share(element) < share or element.find(".//h1") is not None:
            continue
        leading = [link for link in element.iterdescendants("a") if (link.get("href") or "").strip()]
        if len(leading) >= links and not _follows_sentence(element):
            yield element


def _named_otherwise(part: etree._Element, words: Words, title: str) -> Iterator[etree._Element]:
    total = max(1, words.plain(part))
    for element in part.iterdescendants():
        if not isinstance(element.tag, str) or element.tag in {"h1", "body", "main", "article"}:
            continue
        if _is_permalink(element):
            yield element
        elif is_named(element) and not any(True for _ in element.iterancestors("pre")):
            plain = words.plain(element)
            few = plain <= SURELY_FEW_WORDS or (plain <= MAX_NAMED_WORDS and plain / total <= MAX_NAMED_SHARE)
            few = few and not (_is_chapter_list(element) and words.total(element) * 2 > words.total(part))
            if few and element.find(".//h1") is None and element.find(".//pre") is None:
                _save_name_of_page(element, title)
                yield element
        elif is_linky(element) and words.link_share(element) >= 0.4 and words.total(element) <= MAX_LINKY_WORDS:
            yield element


def _is_chapter_list(element: etree._Element) -> bool:
    """What Sphinx writes where a page lists its chapters: dropped beside text, kept where it is the page."""
    return "toctree-wrapper" in (element.get("class") or "").split()


def _save_name_of_page(element: etree._Element, title: str) -> None:
    """Moves a heading that repeats the page's title out of furniture that is about to go."""
    for heading in list(element.iterdescendants("h2", "h3")):
        if _begins(title, heading) and heading.find(".//a") is None:
            heading.tail = None
            element.addprevious(heading)


def _begins(title: str, heading: etree._Element) -> bool:
    """Whether the page's title, of which `title` has the letters, begins with the heading."""
    name = _letters(heading)
    return bool(name) and title.startswith(name)


def _is_permalink(element: etree._Element) -> bool:
    if element.tag != "a":
        return False
    text = text_of(element).strip(" \t\n\u200b\ufe0f")
    return text in {"¶", "#", "§", "🔗", "⚓", "⚓︎", "\uf0c1", "\ue157", "Edit", "[edit]", "[source]", "[src]"}


def _is_hidden(element: etree._Element) -> bool:
    """Hidden for good; what a tab or a fold hides until a click is content, and what a script is to choose from."""
    hidden = element.get("hidden")
    gone = hidden is not None and hidden.lower() != "until-found"
    gone = gone or element.get("aria-hidden") == "true" or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
    if not gone or element.tag == "math":
        return False
    names = f"{element.get('role') or ''} {element.get('class') or ''} {element.get('id') or ''}"
    return not _UNFOLDS.search(names) and not _is_choice(element)


def _is_choice(element: etree._Element) -> bool:
    """Whether it and all that stands beside it are hidden: one of several, for this system or that."""
    parent = element.getparent()
    if parent is None or parent.tag == "body":
        return False
    beside = [child for child, _ in zip(parent, range(MAX_CHOICES + 1), strict=False)]
    hidden = all(child.get("hidden") is not None for child in beside)
    return hidden and 1 < len(beside) <= MAX_CHOICES


def _is_question(button: etree._Element) -> bool:
    """The head of a fold is a button, but its words are content."""
    return button.get("aria-expanded") is not None or any(
        True for _ in button.iterancestors("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary")
    )


def _follows_sentence(element: etree._Element) -> bool:
    """A list that a sentence introduces belongs to it: "See also:"."""
    before = element.getprevious()
    return before is not None and text_of(before).rstrip().endswith((":", "："))


def _drop(elements: Iterator[etree._Element]) -> None:
    for element in list(elements):
        drop(element)


def _count(text: str | None) -> int:
    return len(text.split()) if text else 0
