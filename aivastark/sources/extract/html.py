"""HTML pages: their main content, title and language; pages that only hide their content are told apart."""

import re
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText, clean_line
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.html_blocks import SILENT, BlockWriter
from aivastark.sources.extract.html_main import main_parts
from aivastark.sources.extract.trees import elements, text_of

MAX_HTML_BYTES = 10 * 1024 * 1024
MAX_SHELL_WORDS = 25  # a page with fewer words that needs scripts to show its content is a shell
MAX_LOGIN_WORDS = 120  # a page with a password field and fewer words is a login wall

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NEEDS_SCRIPTS = re.compile(
    r"(enable|requires?|activate|turn on|need)\b.{0,40}\bjavascript|javascript .{0,40}(required|disabled|enable)",
    re.I | re.S,
)
_MOUNTS = (
    "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby' or @id='svelte'"
    " or @id='main-app' or @id='app-root' or @id='application' or @data-reactroot or @ng-app or @ng-version]"
    " | //app-root"
)


def read_html(document: Document) -> Extracted:
    """The page's main content. Raises `too_large`, `javascript_only`, `login_required` or `no_text`."""
    if len(document.content) > MAX_HTML_BYTES:
        message = f"The page is larger than {MAX_HTML_BYTES // 1024 // 1024} MB. Split it into smaller pages."
        raise ExtractionFailed("too_large", message)
    text = decode(document.content, media_type=document.media_type, markup=True)
    root = parse_html(text)
    if root is None:
        raise _no_text()
    _refuse_walls(root)
    facts = _Facts(root, document.url)
    parts = main_parts(root)
    headings = [_line(heading) for part in parts for heading in part.iter("h1")]
    canonical = _written(parts)
    if canonical.is_empty():  # the content was where no content is expected: read everything
        canonical = _written([found for found in [parse_html(text)] if found is not None])
    if canonical.is_empty():
        raise _no_text()
    return canonical.finish(
        title=facts.title(headings),
        media_type="text/html",
        canonical_url=facts.canonical_url,
        language=facts.language,
    )


def parse_html(text: str) -> etree._Element | None:
    """The tree of a page or fragment; None when there is nothing in it. Raises `too_complex`."""
    text = _XML_DECLARATION.sub("", text.replace("\x00", ""), count=1)
    parser = HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):  # deeper than 2,048 elements
        message = "The page nests its elements too deeply to be read. Simplify its markup or upload it as text."
        raise ExtractionFailed("too_complex", message)
    return root


def write_fragment(text: str, canonical: CanonicalText) -> None:
    """HTML inside another document, such as Markdown: all of it, without choosing a main part."""
    root = parse_html(text)
    if root is not None:
        BlockWriter(canonical).walk(root)


class _Facts:
    """What the page says about itself, read before anything is taken out of the tree."""

    def __init__(self, root: etree._Element, url: str | None) -> None:
        self._title = next((_line(element) for element in root.iter("title") if _line(element)), "")
        self._shared = _meta(root, "og:title")
        self._site = _meta(root, "og:site_name")
        self.language = root.get("lang") or root.get("xml:lang") or _meta(root, "content-language")
        self.canonical_url = _canonical_url(root, url)

    def title(self, headings: list[str]) -> str | None:
        """The content's heading if the declared title repeats it, else what was declared without the site's name."""
        declared = self._shared or self._title
        repeated = [heading for heading in headings if heading and _folded(heading) in _folded(declared)]
        for heading in repeated:
            if _folded(declared).startswith(_folded(heading)):
                return heading
        if repeated or not declared:
            return next(iter(reversed(repeated)), next(iter(headings), None))
        if self._site and declared != self._site:
            declared = re.sub(rf"\s*[|·•—–:-]\s*{re.escape(self._site)}\s*$", "", declared) or declared
        return declared or None


def _written(parts: list[etree._Element]) -> CanonicalText:
    canonical = CanonicalText()
    for part in parts:
        BlockWriter(canonical).walk(part)
    return canonical


def _refuse_walls(root: etree._Element) -> None:
    body = root.find(".//body")
    if body is None:
        return
    words = sum(len(text.split()) for text in _visible_texts(body))
    if words < MAX_LOGIN_WORDS and elements(root, "//input[translate(@type, 'PASWORD', 'pasword')='password']"):
        message = (
            "The page asks to sign in before it shows its content. Make it public, or upload the content as a file."
        )
        raise ExtractionFailed("login_required", message)
    if words < MAX_SHELL_WORDS * 3 and _is_shell(root, body, words):
        message = (
            "The page shows its content only with JavaScript, which is not run here. "
            "Give the address of a plain version, or upload the content as a file."
        )
        raise ExtractionFailed("javascript_only", message)


def _is_shell(root: etree._Element, body: etree._Element, words: int) -> bool:
    if root.find(".//script") is None:
        return False
    said = " ".join([*_visible_texts(body), *(_line(element) for element in root.iter("noscript"))])
    if _NEEDS_SCRIPTS.search(said):
        return True
    mounted = [element for element in elements(root, _MOUNTS) if not _line(element)]
    return words < MAX_SHELL_WORDS and (bool(mounted) or words == 0)


def _visible_texts(body: etree._Element) -> list[str]:
    texts = []
    for element in body.iter():
        if isinstance(element.tag, str) and element.tag not in SILENT:
            texts.append(element.text or "")
        texts.append(element.tail or "" if element is not body else "")
    return texts


def _canonical_url(root: etree._Element, url: str | None) -> str | None:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            try:
                address = urljoin(url or "", (link.get("href") or "").strip())
                parts = urlsplit(address)
            except ValueError:
                return None
            return clean_line(address) if parts.scheme in {"http", "https"} and parts.netloc else None
    return None


def _meta(root: etree._Element, name: str) -> str:
    for element in root.iter("meta"):
        if name in {(element.get(key) or "").lower() for key in ("property", "name", "http-equiv")}:
            return clean_line(element.get("content") or "")
    return ""


def _line(element: etree._Element) -> str:
    return clean_line(text_of(element)).rstrip("¶#\uf0c1 ").strip()


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _no_text() -> ExtractionFailed:
    return ExtractionFailed("no_text", "The page holds no text to read. Check the address in a browser.")
