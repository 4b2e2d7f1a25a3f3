"""Files out of a packed tar from outside, one after the other, none ever written anywhere.

A reader of our own: `git archive` makes plain ustar with long names in extension headers, and Python's `tarfile` reads
such headers whole, however long they say they are. Names decide nothing here but which bytes are looked at: what is
given out has the hash that the commit's tree has for this path, so an archive cannot bring anything in. Links, devices
and names that are not in the tree are passed over.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import IO

from aivastark.kit.inflate import BadEncoding, Inflater, TooLarge
from aivastark.sources.github.api import Entry, blob_hash

MAX_UNPACKED_BYTES = 1_000_000_000
MAX_MEMBERS = 500_000
MAX_EXTENSION_BYTES = 64 * 1024
PACKED_PIECE_BYTES = 256 * 1024

_BLOCK = 512
_REGULAR = frozenset({b"0", b"\x00", b"7"})


class ArchiveRefused(Exception):
    """It is damaged, or larger than any honest one."""


def files_in(archive: IO[bytes], wanted: Mapping[str, Entry]) -> Iterator[tuple[str, bytes]]:
    """The wanted files, as far as they are there unchanged, each once. Raises ArchiveRefused.

    Repositories can keep files out of their archives or have them rewritten there (gitattributes(5): `export-ignore`,
    `export-subst`): those are not given.
    """
    try:
        yield from _wanted(_Unpacked(archive), dict(wanted))
    except (TooLarge, BadEncoding, zlib.error, EOFError, ValueError) as error:
        raise ArchiveRefused(str(error) or type(error).__name__) from error


def _wanted(unpacked: "_Unpacked", wanted: dict[str, Entry]) -> Iterator[tuple[str, bytes]]:
    for kind, name, size in _members(unpacked):
        _, _, path = name.partition("/")  # all of it is in one folder, named after the repository and the commit
        entry = wanted.get(path)
        if kind in _REGULAR and entry is not None and entry.size == size:
            content = unpacked.take(size)
            unpacked.skip(-size % _BLOCK)
            if blob_hash(content) == entry.hash:
                del wanted[path]
                yield path, content
                if not wanted:
                    return
        else:
            unpacked.skip(size + -size % _BLOCK)


def _members(unpacked: "_Unpacked") -> Iterator[tuple[bytes, str, int]]:
    """Type, name and size of each; the consumer reads or skips the content."""
    extended: dict[str, str] = {}
    for _ in range(MAX_MEMBERS):
        header = unpacked.take(_BLOCK)
        if header == bytes(_BLOCK):
            return
        kind, name, size = _header(header)
        if kind in (b"x", b"g", b"L", b"K"):
            if size > MAX_EXTENSION_BYTES:
                raise ValueError("an extension header is too long")
            content = unpacked.take(size)
            unpacked.skip(-size % _BLOCK)
            if kind == b"x":
                extended |= _records(content)
            elif kind == b"L":
                extended["path"] = content.rstrip(b"\x00").decode("utf-8", "replace")
            continue
        if "size" in extended:
            size = int(extended["size"])
        if size < 0:
            raise ValueError("a size below zero")
        yield kind, extended.get("path", name), size
        extended = {}
    raise TooLarge(f"more than {MAX_MEMBERS} files")


def _header(block: bytes) -> tuple[bytes, str, int]:
    """POSIX.1-2001, ustar interchange format."""
    written = block[148:156].strip(b" \x00")
    if int(written or b"0", 8) != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise ValueError("a header's checksum is wrong")
    name, prefix = (part.partition(b"\x00")[0].decode("utf-8", "replace") for part in (block[:100], block[345:500]))
    size = int(block[124:136].strip(b" \x00") or b"0", 8)
    return block[156:157], f"{prefix}/{name}" if prefix and block[257:262] == b"ustar" else name, size


def _records(content: bytes) -> dict[str, str]:
    """`27 path=docs/a-long-name.md\\n`, one after the other."""
    records: dict[str, str] = {}
    while content:
        length, space, _ = content.partition(b" ")
        end = int(length)
        if not space or not len(length) < end <= len(content):
            raise ValueError("an extension record is damaged")
        key, _, value = content[len(length) + 1 : end].rstrip(b"\n").partition(b"=")
        records[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        content = content[end:]
    return records


class _Unpacked:
    """The tar inside, read forwards within the limits."""

    def __init__(self, archive: IO[bytes]) -> None:
        archive.seek(0)
        self._steps = _inflated(archive)
        self._held = b""
        self._at = 0

    def take(self, size: int) -> bytes:
        """Exactly so many bytes. Raises EOFError."""
        parts: list[bytes] = []
        while size:
            part = self._part(size)
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, size: int) -> None:
        while size:
            size -= len(self._part(size))

    def _part(self, size: int) -> bytes:
        if self._at == len(self._held):
            self._held, self._at = next(self._steps, b""), 0
            if not self._held:
                raise EOFError("the archive ends in the middle")
        part = self._held[self._at : self._at + size]
        self._at += len(part)
        return part


def _inflated(archive: IO[bytes]) -> Iterator[bytes]:
    head = archive.read(2)
    archive.seek(0)
    # Some servers say that the packing is the transport's: then it came unpacked.
    inflater = Inflater("gzip" if head == b"\x1f\x8b" else "", max_bytes=MAX_UNPACKED_BYTES)
    while piece := archive.read(PACKED_PIECE_BYTES):
        for step in inflater.feed(piece):
            if step:
                yield step
    inflater.finish()
