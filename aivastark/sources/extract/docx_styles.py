"""What a paragraph is in DOCX: its style, followed to what it is based on, and its list numbering."""

import re
from dataclasses import dataclass

from lxml import etree

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.office import value

MAX_BASED_ON = 20  # styles in a chain; a longer one is a circle
_HEADING = re.compile(r"^heading (\d)$", re.IGNORECASE)
_CODE = re.compile(r"code|preformatted|listing|source|macro", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    heading: int = 0  # level from 1; 0 is none
    is_title: bool = False
    is_contents: bool = False  # an entry of the table of contents
    is_code: bool = False


class Styles:
    """The styles and numberings of one document."""

    def __init__(self, archive: Archive) -> None:
        self._styles: dict[str, etree._Element] = {}
        self._formats: dict[tuple[str, int], str] = {}
        self._known: dict[str | None, Style] = {}
        styles = archive.xml("word/styles.xml")
        for style in [] if styles is None else styles.iterchildren("{*}style"):
            self._styles[value(style, "styleId") or ""] = style
        numbering = archive.xml("word/numbering.xml")
        if numbering is not None:
            self._read_numbering(numbering)

    def of(self, paragraph: etree._Element) -> Style:
        found = paragraph.find("{*}pPr/{*}pStyle")
        name = value(found, "val") if found is not None else None
        if name not in self._known:
            self._known[name] = self._style(name)
        outline = paragraph.find("{*}pPr/{*}outlineLvl")
        level = value(outline, "val") if outline is not None else None
        if level in {"0", "1", "2", "3", "4", "5"} and not self._known[name].heading:
            return Style(heading=int(level) + 1)
        return self._known[name]

    def numbering(self, paragraph: etree._Element) -> tuple[str, int, bool] | None:
        """The list a paragraph is an item of: its id, the level from 0, whether it counts; None for no item."""
        found = paragraph.find("{*}pPr/{*}numPr")
        style = paragraph.find("{*}pPr/{*}pStyle")
        if found is None and style is not None:
            found = self._inherited(value(style, "val"), "{*}pPr/{*}numPr")
        if found is None:
            return None
        number = found.find("{*}numId")
        level = found.find("{*}ilvl")
        number_id = value(number, "val") if number is not None else None
        depth = value(level, "val") if level is not None else "0"
        if number_id in {None, "0"} or depth is None or not depth.isdigit():
            return None
        kind = self._formats.get((str(number_id), int(depth)), "bullet")
        return str(number_id), min(int(depth), 8), kind not in {"bullet", "none"}

    def _style(self, name: str | None) -> Style:
        names = [value(n, "val") or "" for s in self._chain(name) if (n := s.find("{*}name")) is not None]
        heading = next((int(found.group(1)) for style in names if (found := _HEADING.match(style))), 0)
        if not heading:
            outline = self._inherited(name, "{*}pPr/{*}outlineLvl")
            level = value(outline, "val") if outline is not None else None
            heading = int(level) + 1 if level in {"0", "1", "2", "3", "4", "5"} else 0
        first = (names[0] if names else name or "").lower()
        return Style(
            heading=min(heading, 6),
            is_title=first == "title",
            is_contents=first.startswith("toc ") or first in {"toc heading", "table of figures"},
            is_code=bool(_CODE.search(first)),
        )

    def _inherited(self, name: str | None, path: str) -> etree._Element | None:
        for style in self._chain(name):
            found = style.find(path)
            if found is not None:
                return found
        return None

    def _chain(self, name: str | None) -> list[etree._Element]:
        chain: list[etree._Element] = []
        while name in self._styles and len(chain) < MAX_BASED_ON:
            style = self._styles[name]
            chain.append(style)
            based = style.find("{*}basedOn")
            name = value(based, "val") if based is not None else None
        return chain

    def _read_numbering(self, root: etree._Element) -> None:
        levels: dict[str, dict[int, str]] = {}
        for abstract in root.iterchildren("{*}abstractNum"):
            found = levels.setdefault(value(abstract, "abstractNumId") or "", {})
            for level in abstract.iterchildren("{*}lvl"):
                kind = level.find("{*}numFmt")
                depth = value(level, "ilvl") or ""
                if kind is not None and depth.isdigit():
                    found[int(depth)] = value(kind, "val") or "bullet"
        for number in root.iterchildren("{*}num"):
            target = number.find("{*}abstractNumId")
            name = value(target, "val") if target is not None else None
            for place, kind_name in levels.get(name or "", {}).items():
                self._formats[(value(number, "numId") or "", place)] = kind_name
