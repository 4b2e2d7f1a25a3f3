"""Documents of one source that say the same: printed versions, other addresses of a page, copies with another footer.

Near copies are found by SimHash (Charikar, "Similarity Estimation Techniques from Rounding Algorithms", 2002) and
confirmed by the overlap of their shingles, because a fingerprint alone now and then takes strangers for twins.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

import numpy as np

SHINGLE_WORDS = 4
READ_WORDS = 5_000  # of a document; what agrees so far agrees
FEW_WORDS = 50  # shorter texts are copies only when they are equal
MAX_BITS_APART = 10  # of 64; what says the same up to a line at its foot is within these, and strangers are not
MAX_COMPARED = 16  # the nearest; pages made from one template may all be near each other
LEAST_OVERLAP = 0.9  # Jaccard, of shingles

_WORD = re.compile(r"\w+")
_BITS = np.arange(64, dtype=np.uint64)


def fingerprint(text: str) -> int:
    """64 bits, as a signed number: near texts differ in few of them."""
    shingles = _shingles(_words(text))
    digests = [int.from_bytes(hashlib.blake2b(one.encode(), digest_size=8).digest(), "big") for one in shingles]
    votes = (np.array(digests, dtype=np.uint64)[:, None] >> _BITS) & np.uint64(1)
    bits = votes.sum(axis=0) * 2 > len(digests)
    value = int((bits.astype(np.uint64) << _BITS).sum(dtype=np.uint64)) if digests else 0
    return value - (1 << 64) if value >= 1 << 63 else value


class Originals:
    """The documents of a source that are kept, by what they say. `read` gives the text of one by its id."""

    def __init__(self, read: Callable[[str], Awaitable[str | None]]) -> None:
        self._read = read
        self._fingerprints = np.zeros(0, dtype=np.int64)
        self._kept: list[tuple[str, str]] = []
        self._places: dict[str, int] = {}

    def keep(self, locator: str, document_id: str, print_: int) -> None:
        """From now on, what is like this one is its copy; what was kept at this place before is forgotten."""
        self.drop(locator)
        self._places[locator] = len(self._kept)
        self._kept.append((locator, document_id))
        if len(self._kept) > len(self._fingerprints):
            self._fingerprints = np.concatenate([self._fingerprints, np.zeros(len(self._kept), dtype=np.int64)])
        self._fingerprints[len(self._kept) - 1] = print_

    def drop(self, locator: str) -> None:
        """What is like this one is no copy any more: it is gone."""
        at = self._places.pop(locator, None)
        if at is not None:
            self._kept[at] = ("", "")

    async def of(self, locator: str, text: str, print_: int) -> str | None:
        """The locator of the document this one is a copy of; itself does not count."""
        apart = np.bitwise_count(self._fingerprints[: len(self._kept)] ^ np.int64(print_))
        near = np.flatnonzero(apart <= MAX_BITS_APART)
        nearest: list[int] = near[np.argsort(apart[near], kind="stable")].tolist()
        others = [self._kept[at] for at in nearest if self._kept[at][0] not in (locator, "")]
        for original, document_id in others[:MAX_COMPARED]:
            other = await self._read(document_id)
            # In a thread, for the words of a long document keep visitors waiting.
            if other is not None and await asyncio.to_thread(say_the_same, text, other):
                return original
        return None


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts are copies up to what stands around the content. Other numbers make another text."""
    words, others = _words(one), _words(other)
    if min(len(words), len(others)) < FEW_WORDS:
        return words == others
    if _numbers(words) != _numbers(others):
        return False  # the guides of two releases may differ in nothing else
    left, right = _shingles(words), _shingles(others)
    return len(left & right) >= LEAST_OVERLAP * len(left | right)


def _words(text: str) -> list[str]:
    words = []
    for match in _WORD.finditer(text):
        words.append(match.group().casefold())
        if len(words) == READ_WORDS:
            break
    return words


def _shingles(words: list[str]) -> set[str]:
    last = max(1, len(words) - SHINGLE_WORDS + 1) if words else 0
    return {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(last)}


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if any(letter.isdigit() for letter in word)}
