"""Tabs: what is said under each is told apart by the name of its tab, which otherwise goes with the row of tabs."""

from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.trees import drop, elements, text_of

MAX_TABS = 30  # of one row
MAX_NAME_WORDS = 8
MAX_STEPS_UP = 3  # from a row of tabs to the element that also holds the panels
MAX_STEPS_DOWN = 4  # from there to the panels

_ROWS = (  # a row of tabs, its tabs, and the panels beside it, by ARIA and as MkDocs Material writes them
    (".//*[@role='tablist']", ".//*[@role='tab']", ".//*[@role='tabpanel']"),
    (
        ".//*[contains(concat(' ', @class, ' '), ' tabbed-labels ')]",
        ".//label",
        ".//*[contains(concat(' ', @class, ' '), ' tabbed-block ')]",
    ),
)


def name_panels(body: etree._Element) -> None:
    """Writes the name of its tab at the head of each panel and takes the row of tabs away. Changes the tree."""
    for row_path, tab_path, panel_path in _ROWS:
        panels_in = _by_element_around(_outermost(elements(body, panel_path)))
        for row in elements(body, row_path) if panels_in else []:
            tabs = elements(row, tab_path)[:MAX_TABS]
            around = (element for element, _ in zip(row.iterancestors(), range(MAX_STEPS_UP), strict=False))
            panels = next((panels_in[element] for element in around if element in panels_in), [])
            if not tabs or len(panels) != len(tabs):
                continue
            for tab, panel in zip(tabs, panels, strict=True):
                name = " ".join(text_of(tab).split())
                if name and len(name.split()) <= MAX_NAME_WORDS:
                    _write(name, panel)
            for tab in tabs:
                drop(tab)


def _by_element_around(panels: Iterator[etree._Element]) -> dict[etree._Element, list[etree._Element]]:
    found: dict[etree._Element, list[etree._Element]] = {}
    for panel in panels:
        for around, _ in zip(panel.iterancestors(), range(MAX_STEPS_DOWN), strict=False):
            found.setdefault(around, []).append(panel)
    return found


def _outermost(found: list[etree._Element]) -> Iterator[etree._Element]:
    inside = set(found)
    yield from (element for element in found if not any(around in inside for around in element.iterancestors()))


def _write(name: str, panel: etree._Element) -> None:
    head = panel.makeelement("p")
    head.text = name
    head.tail, panel.text = panel.text, None
    panel.insert(0, head)
