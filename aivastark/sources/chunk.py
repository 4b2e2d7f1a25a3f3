"""Cuts a document's canonical text into passages: about 110 words, never across sections, offsets exact.

Sections (what stands under one heading) are kept apart; only tiny neighbours under the same parent share a passage.
Within a section whole paragraphs, lists, tables and code are kept together while they fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aivastark.sources.chunk_atoms import (
    MAX_HEADING_WORDS,
    MAX_WHOLE_WORDS,
    TARGET_WORDS,
    Atom,
    atoms_of,
)
from aivastark.sources.extract.base import BlockKind, Extracted, ExtractionFailed

MAX_CHUNKS = 20_000
TINY_WORDS = 40  # a section with fewer may share a passage with its neighbours
MAX_WORDS = MAX_WHOLE_WORDS + TARGET_WORDS  # no passage is longer: a whole table with its heading and introduction
MAX_CONTEXT_CHARACTERS = 400  # of headings, and again of a table's header row
SEPARATOR = " › "


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage: `text` is `canonical[start:end]`, all it may be cited for."""

    start: int
    end: int
    heading_path: tuple[str, ...]
    page: int | None
    text: str
    context: str
    """For retrieval only, never cited: title and headings, and for rows of a cut table its header row."""


def chunk(extracted: Extracted, *, title: str | None = None, target_words: int = TARGET_WORDS) -> list[Chunk]:
    """The passages in order: not overlapping, and together every word. Raises `too_large` beyond `MAX_CHUNKS`."""
    name = title or extracted.title
    chunks: list[Chunk] = []
    for atoms in _joined(_packed(atoms_of(extracted), target_words), target_words):
        if len(chunks) == MAX_CHUNKS:
            message = f"The document has more than {MAX_CHUNKS:,} passages. Split it into parts."
            raise ExtractionFailed("too_large", message)
        chunks.append(_chunk(extracted.text, atoms, name))
    return chunks


@dataclass(slots=True)
class _Pack:
    """A passage in the making."""

    atoms: list[Atom]
    words: float
    ends_section: bool

    def is_only_headings(self) -> bool:
        return all(atom.kind == "heading" for atom in self.atoms)


def _packed(atoms: Iterator[Atom], target: int) -> Iterator[_Pack]:
    """Each section in passages of about the same size; a heading stands in a section of its own path."""
    for section in _sections(atoms):
        groups = list(_groups(section, target))
        total = sum(words for _, words in groups)
        goal = total / max(1, -(-total // target))
        pack = _Pack([], 0, False)
        for group, words in groups:
            full = pack.words + words > target * 1.1 or pack.words >= goal
            if pack.atoms and full and not (pack.is_only_headings() and pack.words + words <= MAX_WORDS):
                yield pack
                pack = _Pack([], 0, False)
            pack.atoms += group
            pack.words += words
        pack.ends_section = True
        yield pack


def _sections(atoms: Iterator[Atom]) -> Iterator[list[Atom]]:
    """A new section begins at each heading, and where the headings above change."""
    section: list[Atom] = []
    for atom in atoms:
        if section and (atom.kind == "heading" or atom.heading_path != section[-1].heading_path):
            yield section
            section = []
        section.append(atom)
    if section:
        yield section


def _groups(atoms: Sequence[Atom], target: int) -> Iterator[tuple[list[Atom], float]]:
    """Atoms that should not be parted: a heading or an introduction with what it introduces."""
    group: list[Atom] = []
    words = 0.0
    for position, atom in enumerate(atoms):
        group.append(atom)
        words += atom.words
        following = atoms[position + 1] if position + 1 < len(atoms) else None
        leads = atom.kind == "heading" or atom.introduces
        room = _room(following.kind, target) if following else 0
        if following and leads and words <= 2 * MAX_HEADING_WORDS and words + following.words <= room:
            continue
        yield group, words
        group, words = [], 0.0


def _room(kind: BlockKind, target: int) -> float:
    """Words that a block may take together with what introduces it."""
    if kind in ("table", "code"):
        return MAX_WORDS
    return target * 1.25 if kind == "list" else target


def _joined(packs: Iterator[_Pack], target: int) -> Iterator[list[Atom]]:
    """Tiny sections beside each other become one passage; a heading alone goes to what follows, or at last before."""
    done: _Pack | None = None
    held: _Pack | None = None
    begins_section = True
    for pack in packs:
        if held is None:
            held = pack
        elif begins_section and _may_join(held, pack, target):
            held = _Pack(held.atoms + pack.atoms, held.words + pack.words, pack.ends_section)
        else:
            if done is not None:
                yield done.atoms
            done, held = held, pack
        begins_section = pack.ends_section
    if done is not None and held is not None and held.is_only_headings() and done.words + held.words <= MAX_WORDS:
        done, held = _Pack(done.atoms + held.atoms, done.words + held.words, True), None
    yield from (pack.atoms for pack in (done, held) if pack is not None)


def _may_join(held: _Pack, pack: _Pack, target: int) -> bool:
    if held.is_only_headings():
        return held.words + pack.words <= (target if pack.is_only_headings() else MAX_WORDS)
    if pack.is_only_headings() or not (held.ends_section and pack.ends_section):
        return False
    first, second = held.atoms[-1].heading_path, pack.atoms[0].heading_path
    related = second[:-1] in (first, first[:-1]) and bool(second)
    tiny = min(held.words, pack.words) < TINY_WORDS
    return related and tiny and held.words + pack.words <= target


def _chunk(text: str, atoms: Sequence[Atom], title: str | None) -> Chunk:
    body = [atom for atom in atoms if atom.kind != "heading"] or list(atoms)
    path = _common([atom.heading_path for atom in body])
    start, end = atoms[0].start, atoms[-1].end
    names = [title, *path] if title and path[:1] != (title,) else list(path)
    context = SEPARATOR.join(name for name in names if name)[:MAX_CONTEXT_CHARACTERS]
    if atoms[0].header:
        context = f"{context}\n{atoms[0].header[:MAX_CONTEXT_CHARACTERS]}".lstrip("\n")
    return Chunk(
        start=start, end=end, heading_path=path, page=body[0].page, text=text[start:end], context=context
    )  # fmt: skip


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    shared = paths[0]
    for path in paths[1:]:
        length = 0
        while length < min(len(shared), len(path)) and shared[length] == path[length]:
            length += 1
        shared = shared[:length]
    return shared
