"""Furniture known by its class or id: the names that authors of themes and generators give it."""

import re

from lxml import etree

_NAMED = re.compile(
    r"""^(
    skip(-?(to-?)?(link|nav|main|content))?s?(-.*)? | sr-only | visually-?hidden | screen-reader-text
    | header-?link | hash-?link | anchor(-?link)? | perma-?link | heading-anchor | linkback | viewcode-link
    | self-?link
    | breadcrumbs?([-_].*)? | .*[-_]breadcrumbs? | crumbs? | path-?bar
    | pagination([-_].*)? | .*[-_]pagination | pager | prev-?next(-?area)? | next-?prev | page-?nav
    | post-?nav(igation)?
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
    | trending[-_\w]* | (most-?)?popular[-_\w]* | recommend(ed|ations?)[-_\w]* | breaking-?news
    | latest-?(news|posts|articles) | read-?(more|next|also) | more-?(stories|news|articles|posts|from|on|in)([-_].*)?
    | taboola[-_\w]* | outbrain[-_\w]* | (about-?the-?)?author-?(info|bio|box|card|name|meta)? | by-?line[-_\w]*
    | (post|entry|article|story)-?(meta|tags|share)[-_\w]* | widgets? | widget-?(area|title|wrap(per)?)
    | similar[-_\w]* | teaser[-_\w]* | headlines[-_\w]* | tag-?(list|links|cloud)
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENTS = re.compile(
    r"^((post|article|reader|user)?-?comments?[-_]?(list|area|section|container|wrapper|box|form|respond|thread)?"
    r"|respond|disqus[-_\w]*)$",
    re.IGNORECASE,
)
_LINKY = re.compile(r"^(header|head|foot|top|bottom|links|meta|tags|categories|shortcuts|actions|buttons)$", re.I)


def is_named(element: etree._Element) -> bool:
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


def is_linky(element: etree._Element) -> bool:
    """By a class that may stand for a row of links as well as for content."""
    is_box = element.tag in {"div", "p", "ul", "header", "table"}
    return is_box and any(_LINKY.match(token) for token in (element.get("class") or "").split())


def names_comments(element: etree._Element) -> bool:
    """Whether it is called what holds readers' comments."""
    names = [*(element.get("class") or "").split(), element.get("id") or ""]
    return any(map(_COMMENTS.match, names))
