"""Events come out the same however the bytes are cut, and nothing can make the reader keep much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.backends.llm.event_stream import MAX_EVENT_BYTES, EventReader, EventTooLarge


def read(*pieces: bytes) -> list[str]:
    reader = EventReader()
    return [event for piece in pieces for event in reader.feed(piece)]


@pytest.mark.parametrize(
    ("written", "events"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data:a\ndata:  b\n\n", ["a\n b"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b": comment\n\nevent: x\nid: 1\ndata: a\nretry: 5\n\n", ["a"]),
        (b"event: x\n\n\n\n", []),
        (b"data\n\n", [""]),
        (b"data: a\n\ndata: half", ["a"]),
        (b"data: \xff\n\n", ["\N{REPLACEMENT CHARACTER}"]),
        ("data: é🙂\n\n".encode(), ["é🙂"]),
    ],
)
def test_events_are_read_as_the_standard_says_wherever_they_are_cut(written: bytes, events: list[str]) -> None:
    assert read(written) == events
    assert read(*(bytes([byte]) for byte in written)) == events
    for cut in range(len(written)):
        assert read(written[:cut], b"", written[cut:]) == events


@given(st.lists(st.sampled_from([b"data: ", b"a", b"\n", b"\r", b"\r\n", b":", "🙂".encode(), b"id: 1"])), st.data())
def test_any_bytes_cut_anywhere_give_the_same_events(parts: list[bytes], data: st.DataObject) -> None:
    written = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)))))

    pieces = [written[start:end] for start, end in zip([0, *cuts], [*cuts, len(written)], strict=True)]

    assert read(*pieces) == read(written)


@pytest.mark.parametrize(
    "piece", [b"x" * 100_000, b"data: " + b"x" * 100_000 + b"\n", b"data:\n" * 20_000, b":" + b" " * 100_000]
)
def test_an_event_has_a_limit_also_when_it_is_made_of_nothing(piece: bytes) -> None:
    with pytest.raises(EventTooLarge):
        read(*([piece] * (MAX_EVENT_BYTES // 60_000)))
