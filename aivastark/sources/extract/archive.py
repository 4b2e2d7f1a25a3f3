"""The one way into ZIP containers (DOCX, PPTX, XLSX, EPUB): every limit is checked before anything is read."""

import copy
import io
import zipfile
import zlib

from lxml import etree

from aivastark.sources.extract.base import ExtractionFailed

MAX_ENTRIES = 2_000
MAX_INFLATED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 100  # inflated bytes per packed byte, over the whole archive
RATIO_FREE_BYTES = 2 * 1024 * 1024  # a small archive may pack well
PIECE_BYTES = 256 * 1024


class Archive:
    """A ZIP container within limits. Archives inside it are never opened."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            self._entries = {_name(info.filename): info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, UnicodeDecodeError) as error:
            raise _corrupt() from error
        self._packed_bytes = len(content)
        self._inflated_bytes = 0
        self._check_declared()

    def names(self) -> list[str]:
        return list(self._entries)

    def read(self, name: str) -> bytes | None:
        """The bytes of an entry, counted while inflating; None where there is no such entry."""
        info = self._entries.get(name)
        if info is None:
            return None
        pieces = bytearray()
        try:
            with self._zip.open(_unbounded(info)) as stream:
                while piece := stream.read(PIECE_BYTES):
                    pieces += piece
                    self._count(len(piece))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise _corrupt() from error
        except RuntimeError as error:  # how zipfile says that an entry has a password
            raise _encrypted() from error
        return bytes(pieces)

    def xml(self, name: str) -> etree._Element | None:
        """The root of an XML entry, parsed without entities, DTDs or network; None where there is none."""
        content = self.read(name)
        return None if content is None else parse_xml(content)

    def verify(self) -> None:
        """Inflates everything once, for readers that open the container themselves."""
        for name in self._entries:
            self.read(name)
        self._inflated_bytes = 0

    def _check_declared(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            raise _bomb(f"it holds more than {MAX_ENTRIES:,} files")
        for info in infos:
            name = info.filename.replace("\\", "/")
            if ".." in name.split("/") or name.startswith("/"):
                raise _bomb("it holds a file name that leads out of it")
        self._check_size(sum(info.file_size for info in infos))

    def _count(self, count: int) -> None:
        self._inflated_bytes += count
        self._check_size(self._inflated_bytes)

    def _check_size(self, inflated: int) -> None:
        if inflated > MAX_INFLATED_BYTES:
            raise _bomb(f"it unpacks to more than {MAX_INFLATED_BYTES // 1024 // 1024} MB")
        if inflated > RATIO_FREE_BYTES and inflated > self._packed_bytes * MAX_RATIO:
            raise _bomb(f"it unpacks to more than {MAX_RATIO} times its size")


def parse_xml(content: bytes) -> etree._Element:
    """XML from outside: entities are never resolved, nothing is loaded, depth and size are libxml2's defaults."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _corrupt() from error
    if root is None or (root.getroottree().docinfo.internalDTD is not None and b"<!ENTITY" in content):
        raise _corrupt()
    return root


def _unbounded(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The entry without its declared size, so that what is really in it is read and counted."""
    entry = copy.copy(info)
    entry.file_size = MAX_INFLATED_BYTES + 1
    return entry


def _name(name: str) -> str:
    return name.replace("\\", "/")


def _bomb(reason: str) -> ExtractionFailed:
    message = f"The file was refused as unsafe: {reason}. Save the document again, with smaller content, and retry."
    return ExtractionFailed("zip_bomb", message)


def _corrupt() -> ExtractionFailed:
    message = "The file is damaged and cannot be opened. Save or download it again and retry."
    return ExtractionFailed("corrupt", message)


def _encrypted() -> ExtractionFailed:
    return ExtractionFailed("encrypted", "The file is protected by a password. Save it without one and retry.")
