"""Documents made for the tests: the small ones by hand, the Office ones by the libraries people use."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import pypdfium2
from PIL import Image


def zipped(entries: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def pdf(pages: Sequence[Sequence[tuple[int, str]]], *, trailer: str = "", title: str = "") -> bytes:
    """A PDF of the given pages, each of lines with their font size in points, from top to bottom."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append(f"<< /Title ({title}) >>".encode())
    kids = []
    for lines in pages:
        packed = zlib.compress(_drawing(lines))
        head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + packed + b"\nendstream")
        resources = "<< /Font << /F1 3 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
        objects.append(f"{page} /Resources {resources} >>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _assembled(objects, trailer)


def _drawing(lines: Sequence[tuple[int, str]]) -> bytes:
    place = 800
    commands = []
    for size, text in lines:
        place -= size + 4 if text else 20
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        commands.append(f"BT /F1 {size} Tf 60 {place} Td ({escaped}) Tj ET")
        place -= 8 if size > 12 else 0
    return "\n".join(commands).encode("cp1252")


def _assembled(objects: Sequence[bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        out += f"{offset:010} 00000 n \n".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {trailer} >>\n".encode()
    return bytes(out + f"startxref\n{table}\n%%EOF\n".encode())


ENCRYPTED_TRAILER = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <" + "28" * 32 + "> /U <" + "29" * 32 + "> >> "
    "/ID [<0123456789abcdef0123456789abcdef> <0123456789abcdef0123456789abcdef>]"
)


def epub(chapters: Mapping[str, str], *, title: str = "A book") -> bytes:
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{title}</dc:title><dc:language>en-GB</dc:language></metadata><manifest>{items}"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/></manifest>'
        f"<spine>{spine}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OPS/book.opf": package}
    files["OPS/nav.xhtml"] = "<html><body><p>Contents</p></body></html>"
    return zipped({**files, **{f"OPS/{name}": text for name, text in chapters.items()}})


def drawn(lines: Sequence[tuple[int, str]], *, dpi: int = 200) -> tuple[int, int, bytes]:
    """A page of text as a picture, as a scanner makes one: width, height and one byte of grey a pixel."""
    document = pypdfium2.PdfDocument(pdf([lines]))
    bitmap = document[0].render(scale=dpi / 72, grayscale=True)
    content = bytes(bitmap.buffer)
    rows = [content[row * bitmap.stride :][: bitmap.width] for row in range(bitmap.height)]
    size = (bitmap.width, bitmap.height)
    document.close()
    return (*size, b"".join(rows))


def picture(lines: Sequence[tuple[int, str]], *more: Sequence[tuple[int, str]], kind: str = "PNG") -> bytes:
    """Pages of text as an image file of the kind; several only as TIFF."""
    pages = [Image.frombytes("L", (width, height), grey) for width, height, grey in map(drawn, [lines, *more])]
    buffer = io.BytesIO()
    others = {"save_all": True, "append_images": pages[1:]} if more else {}
    pages[0].save(buffer, kind, dpi=(200, 200), **others)
    return buffer.getvalue()


def scan(pages: Sequence[Sequence[tuple[int, str]] | str]) -> bytes:
    """A PDF whose pages are pictures of the given lines; a page given as one string is real text."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append(b"<< >>")
    kids = []
    for page in pages:
        if isinstance(page, str):
            resources, drawing = "/Font << /F1 3 0 R >>", _drawing([(12, page)])
        else:
            width, height, grey = drawn(page)
            head = f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
            packed = zlib.compress(grey)
            head += f" /ColorSpace /DeviceGray /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
            objects.append(head.encode() + packed + b"\nendstream")
            resources, drawing = f"/XObject << /I {len(objects)} 0 R >>", b"595 0 0 842 0 0 cm /I Do"
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n".encode() + drawing + b"\nendstream")
        box = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
        objects.append(f"{box} /Resources << {resources} >> >>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _assembled(objects, "")
