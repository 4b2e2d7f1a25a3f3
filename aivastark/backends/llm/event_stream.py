"""Server-Sent Events as they arrive: bytes in pieces of any size, the text of each event out.

Follows the HTML standard (§9.2.6): a line ends with CR, LF or both, the `data` lines of one event are joined, comments
and other fields are passed over, an event without its blank line is dropped.
"""

from collections.abc import Iterator

MAX_EVENT_BYTES = 1_000_000
LINE_OVERHEAD_BYTES = 64  # what keeping a line costs beside its bytes, so that empty ones are counted too
_BOM = b"\xef\xbb\xbf"


class EventTooLarge(Exception):
    """A line or an event is longer than `MAX_EVENT_BYTES`."""


class EventReader:
    """Takes bytes, gives the `data` of every event that is whole. Keeps `MAX_EVENT_BYTES` and one piece at most."""

    def __init__(self) -> None:
        self._begun = bytearray()  # a line without its end
        self._lines: list[bytes] = []  # data of the event so far
        self._size = 0
        self._after_return = False  # a CR came last: an LF after it belongs to the same line's end
        self._at_start = True

    def feed(self, piece: bytes) -> Iterator[str]:
        """The events that `piece` makes whole. Bytes that are no UTF-8 become U+FFFD. Raises EventTooLarge."""
        if not piece:
            return
        if self._after_return:
            piece = piece.removeprefix(b"\n")
        self._after_return = piece.endswith(b"\r")
        first, *others = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._begun += first
        for following in others:
            event = self._line(bytes(self._begun))
            self._begun = bytearray(following)
            if event is not None:
                yield event
        if len(self._begun) > MAX_EVENT_BYTES:
            raise EventTooLarge

    def _line(self, line: bytes) -> str | None:
        """One whole line; the event that it ends, if it does."""
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if not line:
            event = b"\n".join(self._lines).decode(errors="replace") if self._lines else None
            self._lines, self._size = [], 0
            return event
        field, _, value = line.partition(b":")
        if field == b"data":
            self._lines.append(value.removeprefix(b" "))
            self._size += len(value) + LINE_OVERHEAD_BYTES
            if self._size > MAX_EVENT_BYTES:
                raise EventTooLarge
        return None
