"""Questions to an XML or HTML tree, with the type of their answers."""

from typing import cast

from lxml import etree


def elements(root: etree._Element, path: str) -> list[etree._Element]:
    """The elements an XPath expression finds, in document order."""
    return cast("list[etree._Element]", root.xpath(path))


def strings(root: etree._Element, path: str) -> list[str]:
    """The attributes or texts an XPath expression finds."""
    return [str(found) for found in cast("list[str]", root.xpath(path))]


def text_of(element: etree._Element) -> str:
    """All text within, white space as it stands."""
    return "".join(cast("list[str]", list(element.itertext())))


def drop(element: etree._Element) -> None:
    """Takes it out of its tree; the text behind it stays. The root of a tree stays where it is."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
