"""Finds the part of a page that is its content: what is surely not goes first, then the main element is chosen.

Nothing is dropped on a name alone: an element with a name such as "sidebar" stays when it holds a good part of the
page's words, and a main element that holds too few of them is not believed.
"""

import re
from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.html_blocks import SILENT
from aivastark.sources.extract.trees import elements, text_of

MIN_MAIN_SHARE = 0.35  # of the page's words outside links; with fewer the main element is not believed
MAX_NAMED_SHARE = 0.35  # an element that holds more of the words is content, whatever its name
MAX_NAMED_WORDS = 400  # outside links; likewise
SURELY_FEW_WORDS = 10  # outside links: furniture even on a page of few words
LINK_LIST_SHARE = 0.75  # of an element's words are in links: a menu, outside the main element
MIN_LINK_LIST_LINKS = 4
MAX_LEAD_WORDS = 150  # outside links, in the block that holds the page's heading
MAX_LINKY_WORDS = 40

_GONE_ROLES = {
    "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist",
    "tooltip", "doc-toc", "doc-pagelist", "doc-index",
}  # fmt: skip
_NAMED = re.compile(
    r"""^(
    skip(-?(to-?)?(link|nav|main|content))?s?(-.*)? | sr-only | visually-?hidden | screen-reader-text
    | header-?link | hash-?link | anchor(-?link)? | perma-?link | heading-anchor | linkback | viewcode-link | self-?link
    | breadcrumbs?([-_].*)? | .*[-_]breadcrumbs? | crumbs? | path-?bar
    | pagination([-_].*)? | .*[-_]pagination | pager | prev-?next | next-?prev | page-?nav | post-?nav(igation)?
    | (cookie|consent|gdpr|onetrust|cc-window|cookiebot)[-_\w]* | .*[-_]?(cookie|consent)[-_]?(banner|bar|notice|popup)?
    | announcement-?bar[-_\w]* | (site|top|page|promo|announcement)-?banner | promo[-_\w]* | toast | popup | modal
    | newsletter[-_\w]* | subscribe[-_\w]* | signup-?(form|box) | share([-_].*)? | sharing([-_].*)? | social([-_].*)?
    | navigation | nav | navs | navbar[-_\w]* | nav-?(bar|header|footer|list|menu|links|tree|path|wrapper|inner)
    | (top|side|main|sub|site|global|local|bottom|primary|secondary)-?nav(igation)?[-_\w]* | .*[-_]nav(igation)?
    | menu | (top|side|main|sub|site|drop-?down|nav|mobile|hamburger|user)-?menu[-_\w]* | sub-?nav[-_\w]*
    | side-?bar[-_\w]* | .*[-_]sidebar | sphinxsidebar\w* | toc | toc-?(tree|list|wrapper|container|box)?-?wrapper
    | table-?of-?contents[-_\w]* | .*[-_]toc | on-?this-?page | in-?page-?nav | page-?toc | mini-?toc | local-?toc
    | quick-?(nav|links|view) | qindex | related | related-?(posts|articles|pages|links|content|topics)? | see-?next
    | edit-?(this-?page|on-?github|page|link)[-_\w]* | .*[-_]edit-?(this-)?page | theme-edit-this-page | ethical-?ad\w*
    | (page-?)?feedback[-_\w]* | was-?this-?(page-?)?helpful | (article-)?rating | votes?
    | footer | (site|page|global|main|doc)-?footer[-_\w]* | footer-?(wrapper|inner|links|nav|content)
    | (site|global|top|page)-?header | top-?bar | tool-?bar | header-?(nav|links|bar)
    | copy-?(btn|button|code|to-clipboard)[-_\w]* | clipboard[-_\w]* | md-clipboard | btn-clipboard
    | search(-?(box|bar|form|input|results?|wrapper))? | advert(isement)?s?[-_\w]* | ads? | adsbygoogle | sponsors?
    | no-?print | (mw-)?editsection | mw-jump-link | navbox[-_\w]* | catlinks | printfooter | site-?sub | jump-?to-?nav
    | lang(uage)?-?(switcher|selector|menu|links) | version-?(switcher|selector|menu|warning) | back-?to-?top | go-?top
    | (docs-)?copyright | nosearch | (top|bottom)-?lang | prevlink | nextlink | home-?link | doc-?nav
    | login-?(form|box) | hidden-?print
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_LINKY = re.compile(r"^(header|head|foot|top|bottom|links|meta|tags|categories|shortcuts|actions|buttons)$", re.I)
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
    _drop(_surely_gone(body))
    words = Words(body)
    main = _chosen(body, words)
    if main is None:
        _drop(_page_frame(body))
        _drop(_link_lists(body, Words(body)))
    parts = [body] if main is None else [*_lead(body, main, words), main]
    for part in parts:
        _drop(_named_otherwise(part, Words(part)))
    return parts


def _lead(body: etree._Element, main: etree._Element, words: Words) -> list[etree._Element]:
    """What stands with the page's first heading before a main part that has none: a name, a summary."""
    if main.find(".//h1") is not None:
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
        found = [element for element in elements(body, path) if words.plain(element) >= enough]
        if found:
            best = max(found, key=words.plain)
            return _article_in(best, words)
    return None


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


def _link_lists(body: etree._Element, words: Words) -> Iterator[etree._Element]:
    """Menus without a name: nearly nothing but several links. A page of links only keeps them."""
    if words.link_share(body) > 0.6:
        return
    for element in body.iterdescendants("ul", "ol", "div", "td", "table", "p"):
        if words.link_share(element) < LINK_LIST_SHARE or element.find(".//h1") is not None:
            continue
        links = [link for link in element.iterdescendants("a") if (link.get("href") or "").strip()]
        if len(links) >= MIN_LINK_LIST_LINKS and not _follows_sentence(element):
            yield element


def _named_otherwise(part: etree._Element, words: Words) -> Iterator[etree._Element]:
    total = max(1, words.plain(part))
    for element in part.iterdescendants():
        if not isinstance(element.tag, str) or element.tag in {"h1", "body", "main", "article"}:
            continue
        if _is_permalink(element):
            yield element
        elif _is_named(element) and not any(True for _ in element.iterancestors("pre")):
            plain = words.plain(element)
            few = plain <= SURELY_FEW_WORDS or (plain <= MAX_NAMED_WORDS and plain / total <= MAX_NAMED_SHARE)
            if few and element.find(".//h1") is None and element.find(".//pre") is None:
                _save_name_of_page(element)
                yield element
        elif _is_linky(element) and words.link_share(element) >= 0.4 and words.total(element) <= MAX_LINKY_WORDS:
            yield element


def _save_name_of_page(element: etree._Element) -> None:
    """Moves a heading that repeats the page's title out of furniture that is about to go."""
    titles = element.getroottree().findall(".//title")
    title = " ".join(text_of(titles[0]).split()) if titles else ""
    for heading in list(element.iterdescendants("h2", "h3")):
        name = " ".join(text_of(heading).split())
        if name and title.startswith(name) and heading.find(".//a") is None:
            heading.tail = None
            element.addprevious(heading)


def _is_named(element: etree._Element) -> bool:
    """By class, or by id where the id does not merely name a section about, say, searching."""
    tokens = (element.get("class") or "").split()
    if element.tag == "section" or (tokens and "section" in tokens):
        return False
    identifier = element.get("id")
    has_heading = any(child.tag in {"h2", "h3", "h4", "h5", "h6"} for child in element)
    if identifier and element.tag in {"div", "ul", "ol", "table", "aside", "form"} and not has_heading:
        tokens.append(identifier)
    if element.tag in {"h2", "h3", "h4", "h5", "h6", "code", "td", "th", "tr", "li", "dt", "dd"}:
        return False
    return any(_NAMED.match(token) for token in tokens)


def _is_linky(element: etree._Element) -> bool:
    """By a class that may stand for a row of links as well as for content."""
    is_box = element.tag in {"div", "p", "ul", "header", "table"}
    return is_box and any(_LINKY.match(token) for token in (element.get("class") or "").split())


def _is_permalink(element: etree._Element) -> bool:
    if element.tag != "a":
        return False
    text = text_of(element).strip(" \t\n\u200b\ufe0f")
    return text in {"¶", "#", "§", "🔗", "⚓", "⚓︎", "\uf0c1", "\ue157", "Edit", "[edit]", "[source]", "[src]"}


def _is_hidden(element: etree._Element) -> bool:
    """Hidden for good; what a tab or a fold hides until a click is content."""
    hidden = element.get("hidden")
    gone = hidden is not None and hidden.lower() != "until-found"
    gone = gone or element.get("aria-hidden") == "true" or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
    if not gone or element.tag == "math":
        return False
    names = f"{element.get('role') or ''} {element.get('class') or ''} {element.get('id') or ''}"
    return not _UNFOLDS.search(names)


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
        parent = element.getparent()
        if parent is not None:
            element.drop_tree() if hasattr(element, "drop_tree") else parent.remove(element)


def _count(text: str | None) -> int:
    return len(text.split()) if text else 0
