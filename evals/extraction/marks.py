"""The pages and what their content is: marked by hand, one kind of site after the other.

A kind's marks are XPath expressions, written by looking at its pages and not at what any extractor gives: the element
that is the content, and what in it is not. Content is what someone would copy out to keep the page: its title, prose,
lists, tables, code, captions, notes. Not content: navigation of any sort (menus, breadcrumbs, previous and next, the
page's own table of contents), links to edit, view the source of or comment on the page, signs that stand for links,
choosers of languages and versions, buttons, banners, "last updated", copyright and footers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A documentation generator or theme, with the marks for its pages."""

    content: str
    """Where the content is; several elements are read in document order."""
    but: str = "//*[false()]"
    """What in it is not content."""
    code: str = "pre"
    """Elements that hold verbatim code, by name or as an XPath step."""
    held_out: bool = False
    """Whether the extractor was worked on without looking at what it makes of these pages."""


_SIGNS = "//a[@class='headerlink' or @class='viewcode-link']"

KINDS: dict[str, Kind] = {
    "apache-httpd": Kind(
        content="//div[@id='page-content']",
        but="//div[@class='toplang' or @class='bottomlang' or @id='quickview' or @class='top']"
        " | //div[@id='comments_section'] | //a[@class='permalink']",
    ),
    "bind9": Kind(content="//div[@itemprop='articleBody']", but=_SIGNS),
    "boost": Kind(
        content="//body/div[not(@class='spirit-nav')] | //body/h1 | //body/p",
        but="//div[@class='spirit-nav' or @class='toc' or @class='copyright-footer']",
        held_out=True,
    ),
    "django": Kind(content="//div[@class='yui-b' and ancestor::div[@id='yui-main']]", but=_SIGNS),
    "docusaurus": Kind(
        content="//article",
        but="//nav | //a[@class='hash-link'] | //footer | //button | //div[contains(@class, 'tocCollapsible')]"
        " | //div[contains(@class, 'buttonGroup')] | //ul[@role='tablist']",
    ),
    "doxygen": Kind(
        content="//div[@id='doc-content' or @class='header' or @class='contents']"
        "[not(ancestor::div[@id='doc-content'])]",
        but="//div[@class='summary'] | //a[@class='anchor'] | //span[@class='permalink'] | //div[@class='toc']"
        " | //*[@class='mlabels']//comment() | //div[contains(@id, 'MSearch')] | //*[@class='lineno']",
        code="div[@class='fragment']",
        held_out=True,
    ),
    "erlang": Kind(
        content="//div[@id='content']",
        but="//div[@class='footer'] | //*[contains(@class, 'icon')] | //button",
    ),
    "flask": Kind(
        content="//div[@class='body']", but=f"{_SIGNS} | //nav[@class='contents'] | //div[contains(@class, 'contents')]"
    ),
    "javadoc": Kind(
        content="//main",
        but="//div[@class='sub-title'] | //button | //ul[@class='sub-nav-list-small'] | //a[@class='anchor-link']",
        held_out=True,
    ),
    "libreoffice-help": Kind(content="//div[@id='DisplayArea']", but="//div[@class='relatedtopics']/self::nav"),
    "mdbook": Kind(content="//main", but="//nav | //button"),
    "mkdocs": Kind(content="//div[@role='main']", but="//a[@class='headerlink'] | //footer", held_out=True),
    "mkdocs-material": Kind(
        content="//article",
        but="//a[@class='headerlink'] | //a[contains(@class, 'md-content__button')] | //form | //nav | //aside"
        " | //button",
    ),
    "nodejs": Kind(
        content="//div[@id='apicontent']",
        but="//a[@class='mark'] | //a[@class='srclink'] | //button | //details[@id='toc'] | //input",
    ),
    "openstack": Kind(
        content="//div[@role='main' or @itemprop='articleBody' or @class='docs-body'][1]",
        but=f"{_SIGNS} | //div[@class='docs-actions']",
        held_out=True,
    ),
    "pandas": Kind(content="//main/div[1]", but=f"{_SIGNS} | //div[@class='prev-next-area']"),
    "postgresql": Kind(
        content="//body/div[not(contains(@class, 'nav'))]", but="//div[@class='toc'] | //a[@class='id_link']"
    ),
    "python": Kind(content="//div[@role='main'] | //div[@class='body'][not(@role)]", but=_SIGNS, held_out=True),
    "rdoc": Kind(
        content="//main",
        but="//span[@class='method-click-advice'] | //ol[@class='breadcrumb'] | //a[@href='#top']"
        " | //nav | //span//a[text()='¶' or text()='↑']",
    ),
    "rustdoc": Kind(
        content="//section[@id='main-content']",
        but="//*[@class='out-of-band' or @class='anchor' or @class='src' or @class='srclink' or @class='source']"
        " | //a[contains(@class, 'src')] | //button | //span[contains(@class, 'rightside')] | //a[@class='test-arrow']",
        held_out=True,
    ),
    "sqlalchemy": Kind(
        content="//div[@id='docs-body']", but=f"{_SIGNS} | //div[@class='topic contents'] | //nav[@class='contents']"
    ),
    "sqlite": Kind(
        content="//body",
        but="//div[@class='nosearch'][.//a] | //div[@class='menu mainmenu'] | //script | //div[@class='fancy_toc']"
        " | //div[@id='toc_sub'] | //small[contains(., 'last modified')] | //i[contains(., 'last modified')]"
        " | //*[contains(@class, 'menu')] | //*[contains(@class, 'tagline')]",
        held_out=True,
    ),
    "tomcat": Kind(
        content="//div[@id='content']",
        but="//div[@class='noprint'] | //h3[@id='Table_of_Contents']"
        " | //h3[@id='Table_of_Contents']/following-sibling::div[1]",
    ),
    "vitepress": Kind(
        content="//main",
        but="//a[@class='header-anchor'] | //footer | //button | //span[@class='lang']"
        " | //div[contains(@class, 'VPDocFooter')] | //div[contains(@class, 'line-numbers-wrapper')]",
        held_out=True,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    kind: str
    name: str
    markup: bytes

    @property
    def half(self) -> Literal["worked on", "held out"]:
        return "held out" if KINDS[self.kind].held_out else "worked on"


def pages() -> list[Page]:
    """Every page, by kind and name."""
    return [
        Page(kind=file.parent.name, name=file.stem, markup=file.read_bytes()) for file in sorted(PAGES.glob("*/*.html"))
    ]
