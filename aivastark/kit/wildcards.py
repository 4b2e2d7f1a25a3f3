"""Patterns with `*`, as owners of sites write them in robots.txt and people in settings, matched in bounded time.

A regular expression made of a stranger's pattern can take for ever (`*a*a*a*b`). This one follows all ways through the
pattern at once, one bit each: the time is the length of the text, whatever the pattern (Baeza-Yates and Gonnet, "A new
approach to text searching", 1992, with repetition).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wildcards:
    """A pattern, ready to be matched."""

    start: str  # what it begins with, up to its first star
    letters: dict[str, int]  # for each character, the positions of the pattern that take it, as bits
    within: int  # positions of a star that stops at a slash
    across: int  # positions of a star that takes anything
    end: int  # the bit that says: all of it was found


def wildcards(pattern: str, *, stars_cross_slashes: bool = False) -> Wildcards:
    """`*` is anything but a slash and `**` anything at all; with `stars_cross_slashes`, one star is too."""
    letters: dict[str, int] = {}
    within = across = 0
    position = index = 0
    while index < len(pattern):
        bit = 1 << position
        if pattern[index] != "*":
            letters[pattern[index]] = letters.get(pattern[index], 0) | bit
            index += 1
        else:
            length = len(pattern[index:]) - len(pattern[index:].lstrip("*"))
            index += length
            if length > 1 or stars_cross_slashes:
                across |= bit
            else:
                within |= bit
        position += 1
    return Wildcards(pattern.partition("*")[0], letters, within, across, 1 << position)


def matches(pattern: Wildcards, text: str) -> bool:
    """Whether the pattern takes all of the text."""
    if not text.startswith(pattern.start):
        return False
    stars = pattern.within | pattern.across
    takes_the_rest = pattern.across & (pattern.end >> 1)
    alive = 1 << len(pattern.start)
    alive |= (alive & stars) << 1  # a star may take nothing; no two stars are neighbours
    for letter in text[len(pattern.start) :]:
        if alive & takes_the_rest:
            return True
        staying = alive & (pattern.across if letter == "/" else stars)
        alive = staying | (alive & pattern.letters.get(letter, 0)) << 1
        alive |= (alive & stars) << 1
        if not alive:
            return False
    return bool(alive & pattern.end)
