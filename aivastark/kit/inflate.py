"""Undo HTTP content encodings piece by piece, never trusting how much comes out.

The limits are checked while decompressing, in bounded steps, so a bomb costs its limit in memory and no more.
"""

import zlib
from collections.abc import Iterator

MAX_RATIO = 100  # decoded bytes per encoded byte
# Small honest pages of blanks compress better than 100:1; below this size a ratio says nothing and costs
# nothing.
RATIO_COUNTS_FROM_BYTES = 1_000_000
STEP_BYTES = 256 * 1024  # decoded at once
ENCODED_SLACK_BYTES = 64 * 1024  # an encoding may be this much larger than what it holds
MAX_GZIP_MEMBERS = 1_000  # each costs a copy of what follows it

_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


class TooLarge(Exception):
    """More came out than is allowed, or more than an honest compression could hold."""


class BadEncoding(Exception):
    """The bytes are not what their encoding says, or the encoding is one we do not take."""


class Inflater:
    """Decodes one body: `feed` every piece as it arrives, then `finish`.

    `encoding` is the value of Content-Encoding: empty, `identity`, `gzip` or `deflate`. `max_bytes` counts
    decoded bytes. `feed` and `finish` raise TooLarge and BadEncoding.
    """

    def __init__(self, encoding: str, *, max_bytes: int, max_ratio: int = MAX_RATIO) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise BadEncoding(f"content encoding {encoding!r}")
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio
        self._taken = 0
        self._given = 0
        self._members = 1
        self._stream = None if self._encoding in ("", "identity") else self._first_stream()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The decoded bytes of one piece, in steps of at most `STEP_BYTES` where it was compressed."""
        self._taken += len(piece)
        if self._taken > self._max_bytes + ENCODED_SLACK_BYTES:  # empty blocks could go on for ever
            raise TooLarge(f"more than {self._max_bytes} bytes")
        if self._stream is None:
            self._count(piece)
            yield piece
            return
        while True:
            if self._stream.eof:
                if not self._another_member(piece):
                    return
                self._stream = zlib.decompressobj(_GZIP)
            step = self._inflate(piece)
            self._count(step)
            yield step
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if not piece and len(step) < STEP_BYTES:  # a full step may have left more inside zlib
                return

    def finish(self) -> None:
        """Raises BadEncoding if the compressed body ended in the middle."""
        if self._stream is not None and self._taken and not self._stream.eof:
            raise BadEncoding("the compressed body is incomplete")

    def _first_stream(self) -> "zlib._Decompress":
        return zlib.decompressobj(_GZIP if self._encoding == "gzip" else _ZLIB)

    def _another_member(self, piece: bytes) -> bool:
        """Whether a gzip member follows; anything else there is padding, ignored as browsers do."""
        if self._encoding != "gzip" or not piece.startswith(b"\x1f"):
            return False
        self._members += 1
        if self._members > MAX_GZIP_MEMBERS:
            raise BadEncoding(f"more than {MAX_GZIP_MEMBERS} gzip members")
        return True

    def _inflate(self, piece: bytes) -> bytes:
        assert self._stream is not None
        try:
            return self._stream.decompress(piece, STEP_BYTES)
        except zlib.error as error:
            if self._encoding != "deflate" or self._given or self._taken != len(piece):
                raise BadEncoding(str(error)) from error
        # "deflate" means zlib by the standard, and the bare stream by the habit of old servers
        self._stream = zlib.decompressobj(_RAW_DEFLATE)
        try:
            return self._stream.decompress(piece, STEP_BYTES)
        except zlib.error as error:
            raise BadEncoding(str(error)) from error

    def _count(self, step: bytes) -> None:
        self._given += len(step)
        if self._given > self._max_bytes:
            raise TooLarge(f"more than {self._max_bytes} bytes")
        if self._given > max(RATIO_COUNTS_FROM_BYTES, self._taken * self._max_ratio):
            raise TooLarge(f"expands more than {self._max_ratio}:1")
