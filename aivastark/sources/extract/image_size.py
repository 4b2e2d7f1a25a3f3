"""What kind of picture bytes are and how large it is, from its header: known before anything is unpacked."""

import struct

from aivastark.sources.extract.base import ExtractionFailed

MAX_SEGMENTS = 1_000  # of a JPEG, before its size is told
MAX_IMAGES = 2_000  # in one TIFF
MAX_ENTRIES = 1_000  # of a TIFF's directory

_PNG = b"\x89PNG\r\n\x1a\n"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (_PNG, "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_WIDTH, _HEIGHT = 256, 257  # tags of TIFF


def image_type(content: bytes) -> str | None:
    """The media type of a picture that may be read, by its first bytes; None for anything else."""
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), None)


def image_sizes(content: bytes) -> list[tuple[int, int]]:
    """Width and height in pixels of each picture in it, several only in a TIFF. Raises `corrupt`."""
    try:
        match image_type(content):
            case "image/png":
                sizes = [_png(content)]
            case "image/jpeg":
                sizes = [_jpeg(content)]
            case "image/webp":
                sizes = [_webp(content)]
            case _:
                sizes = _tiff(content)
    except (struct.error, IndexError, ValueError) as error:
        raise _corrupt() from error
    if not sizes or any(width < 1 or height < 1 for width, height in sizes):
        raise _corrupt()
    return sizes


def _png(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        raise ValueError("no header")
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg(content: bytes) -> tuple[int, int]:
    """From the frame header, past whatever segments come before it."""
    place = 2
    for _ in range(MAX_SEGMENTS):
        while content[place] == 0xFF and content[place + 1] == 0xFF:
            place += 1
        if content[place] != 0xFF:
            raise ValueError("no marker")
        marker = content[place + 1]
        (length,) = struct.unpack_from(">H", content, place + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        if marker in (0xD9, 0xDA) or length < 2:
            break
        place += 2 + length
    raise ValueError("no frame header")


def _webp(content: bytes) -> tuple[int, int]:
    match content[12:16]:
        case b"VP8X":
            width = int.from_bytes(content[24:27], "little") + 1
            return width, int.from_bytes(content[27:30], "little") + 1
        case b"VP8L" if content[20] == 0x2F:
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            raise ValueError("no picture")


def _tiff(content: bytes) -> list[tuple[int, int]]:
    """One size for each image directory, in the order in which they are chained; a chain that loops is corrupt."""
    order = "<" if content.startswith(b"II") else ">"
    (place,) = struct.unpack_from(order + "I", content, 4)
    seen: set[int] = set()
    sizes = []
    while place:
        if place in seen or len(seen) >= MAX_IMAGES:
            raise ValueError("directories without an end")
        seen.add(place)
        (count,) = struct.unpack_from(order + "H", content, place)
        if count > MAX_ENTRIES:
            raise ValueError("too many entries")
        found = {}
        for entry in range(count):
            tag, kind = struct.unpack_from(order + "HH", content, place + 2 + entry * 12)
            if tag in (_WIDTH, _HEIGHT):
                form = "H" if kind == 3 else "I"
                (found[tag],) = struct.unpack_from(order + form, content, place + 2 + entry * 12 + 8)
        sizes.append((found.get(_WIDTH, 0), found.get(_HEIGHT, 0)))
        (place,) = struct.unpack_from(order + "I", content, place + 2 + count * 12)
    return sizes


def _corrupt() -> ExtractionFailed:
    return ExtractionFailed("corrupt", "The picture is damaged and cannot be opened. Save it again and retry.")
