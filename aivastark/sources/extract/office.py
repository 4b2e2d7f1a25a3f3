"""What the Office formats share: names without their namespace, the declared title, relations between parts."""

import posixpath

from lxml import etree

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.canonical import clean_line

_PROGRAM_TITLES = {"powerpoint presentation", "word document", "untitled", "presentation", "document"}


def local_name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value(element: etree._Element, name: str) -> str | None:
    """The attribute of that local name, in whichever namespace (transitional or strict)."""
    for key, text in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(text)
    return None


def core_title(archive: Archive) -> str | None:
    """The title in the document's properties, unless a program put it there."""
    root = archive.xml("docProps/core.xml")
    found = root.find("{http://purl.org/dc/elements/1.1/}title") if root is not None else None
    title = clean_line(found.text or "") if found is not None else ""
    return title if title and title.lower() not in _PROGRAM_TITLES else None


def is_fallback(element: etree._Element) -> bool:
    """Within the copy of something that is kept for older programs."""
    return any(local_name(ancestor) == "Fallback" for ancestor in element.iterancestors())


def relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, part it leads to) of a part of the container."""
    folder, _, name = part.rpartition("/")
    root = archive.xml(f"{folder}/_rels/{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    for relation in [] if root is None else root:
        if isinstance(relation.tag, str) and relation.get("TargetMode") != "External":
            target = relation.get("Target") or ""
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = (relation.get("Type") or "").rpartition("/")[2]
            found[relation.get("Id") or ""] = (kind, posixpath.normpath(path))
    return found
