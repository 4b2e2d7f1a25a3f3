"""What a language model writes, as it comes, into whole sentences and the passages their markers name.

Read character by character, so that the same text gives the same sentences however it was cut into deltas. A sentence
is given out with the marker behind its full stop, or when the next one begins, the last one at the end.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from aivastark.answers.sentences import split

Layout = Literal["prose", "list", "code"]

MAX_SENTENCE_CHARS = 1500
"""A sentence, list item or table row without an end by then is nonsense: nothing after it is read."""
MAX_CODE_CHARS = 6000
"""Characters of one code block; the rest of a longer one is left out."""
MAX_READ_CHARS = 200_000
"""Characters of all a model writes, thoughts included: one that goes on does not mean to end."""
MAX_SENTENCES = 400
"""Sentences of one answer; a model that writes more is looping."""
MAX_MARKER_CHARS = 40
MAX_NAMED = 20
"""Passages one sentence can name."""
REPEATS_OF_A_LOOP = 3
"""A sentence written so many times in one answer, or twice in a row, is a loop."""
WORDS_OF_A_LOOP = 3
"""Shorter sentences may come again: "Click Save." """


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence, list item, table row, heading or code block, without markers, white space folded but in code.

    `named`: the numbers of its markers as the model wrote them (from 1; they may name nothing). A list item keeps its
    mark, a heading its `#`, a code block its fences.
    """

    text: str
    named: tuple[int, ...]
    layout: Layout


_OPENERS = {"[": "]", "【": "】", "(": ")"}
_NUMBERS = r"\d{1,3}(?:\s*(?:[,;&–-]|and|und|y|et)\s*\d{1,3})*"
_MARKER = re.compile(
    rf"[\[【(]\s*\^?(?:(?:passage|source|doc|quelle|fuente)\w*\s*)?({_NUMBERS})(?:[†:][^\]】)]*)?\s*[\]】)]", re.I
)
_RANGE = re.compile(r"(\d{1,3})\s*[–-]\s*(\d{1,3})")
_THINKS = ("think", "thinking", "thought", "reasoning")
_OPENING_TAGS = tuple(f"<{name}>" for name in _THINKS)
_CLOSING_TAGS = tuple(f"</{name}>" for name in _THINKS)
_LONGEST_TAG = max(map(len, _CLOSING_TAGS))
_LIST = re.compile(r"(?:[-*+•‣◦▪●–]|\(?\d{1,3}[.)]|[a-zA-Z][)])\s|\|")
_HEADING = re.compile(r"#{1,6}\s")
_ENDS = ".!?…؟۔।॥།\"'”’»)]"
_WIDE_ENDS = "。！？｡︒」』”’）】"
_FULL_STOPS = frozenset(".!?。！？")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_FENCES = ("```", "~~~")
_WORDS = re.compile(r"\w+")
THAI_STEP_CHARS = 10
"""Thai has no full stop: every so many characters it is looked at whether a unit is long enough."""


_JOINERS = "\u200c\u200d"
"""Not printable, but Persian, the scripts of India and emoji are written with them."""


class Sentences:
    """Takes deltas, gives sentences. Once `is_looping` or `is_nonsense` the model should be stopped."""

    def __init__(self, *, language: str | None = None, parentheses: bool = False) -> None:
        """With `parentheses`, `(1)` is a marker too; `language` settles whether "3." is an ordinal."""
        self.is_looping = False
        self.is_nonsense = False
        self._read_chars = 0
        self._language = language
        self._openers = "[【(" if parentheses else "[【"
        self._ready: list[Written] = []
        self._held: Written | None = None  # a line's last sentence: a marker may follow on a line of its own
        self._line = ""  # the sentence being written
        self._marks: list[tuple[int, tuple[int, ...]]] = []  # (place in the line, numbers)
        self._is_given = False  # the sentence before is given out: further markers of it come too late
        self._leads = False  # markers stand before their sentences in this line
        self._spaced = False  # a marker took the space before it
        self._marker = ""
        self._tag = ""
        self._thought: str | None = None  # the tail of a think-block, inside one
        self._code: list[str] | None = None  # the lines of a code block, inside one
        self._code_chars = 0
        self._counts: Counter[str] = Counter()
        self._last = ""

    def feed(self, delta: str) -> list[Written]:
        """The sentences that this text completes.

        What nobody sees is left out of them: control characters, half characters that no database takes, and those
        that turn the direction of writing around, so that a reader would see other words than were checked.
        """
        for character in delta:
            self._read_chars += 1
            self.is_nonsense = self.is_nonsense or self._read_chars > MAX_READ_CHARS
            if self.is_nonsense:
                break
            if character.isprintable() or character in "\n\t":
                self._outside_thoughts(character)
            elif character != "\r" and (character.isspace() or character in _JOINERS):
                self._outside_thoughts(character if character in _JOINERS else " ")
        return self._given()

    def finish(self) -> list[Written]:
        """What is left. An unclosed think-block says nothing; an unclosed code block ends here."""
        if not self.is_nonsense:
            self._flush_tag()
            self._flush_marker()
            if self._code is not None:
                self._code.append(self._line)
                self._end_code()
            else:
                self._end_line()
        self._release()
        return self._given()

    def _given(self) -> list[Written]:
        given, self._ready = self._ready, []
        return given

    # Think-blocks

    def _outside_thoughts(self, character: str) -> None:
        if self._thought is not None:
            self._thought = (self._thought + character.lower())[-_LONGEST_TAG:]
            if self._thought.endswith(_CLOSING_TAGS):
                self._thought = None
            return
        if not self._tag and character != "<":
            self._outside_markers(character)
            return
        if character == "<" or self._code is not None:
            self._flush_tag()
        self._tag += character
        if self._tag.lower() in _OPENING_TAGS:
            self._tag, self._thought = "", ""
        elif self._code is not None or not any(tag.startswith(self._tag.lower()) for tag in _OPENING_TAGS):
            self._flush_tag()

    def _flush_tag(self) -> None:
        tag, self._tag = self._tag, ""
        for character in tag:
            self._outside_markers(character)

    # Markers

    def _outside_markers(self, character: str) -> None:
        if self._marker and self._marker[-1] in "]】)" and len(self._marker) > 1:  # closed: a link, if "(" follows
            marker, self._marker = self._marker, ""
            if character == "(" and marker[0] == "[":
                self._read_all(marker)
            else:
                self._take_marker(marker)
        if self._marker:
            self._marker += character
            if character == "\n" or len(self._marker) > MAX_MARKER_CHARS or not self._may_be_marker():
                self._flush_marker()
            elif character in "]】)" and self._is_whole():
                self._take_marker(self._marker)
                self._marker = ""
                self._ready.append(self._noted(self._line, self._marks, "prose"))
                self._line, self._marks, self._spaced, self._is_given = "", [], False, True
        elif character in self._openers and self._code is None and self._line.count("`") % 2 == 0:
            self._marker = character
        else:
            self._read(character)

    def _may_be_marker(self) -> bool:
        closed = self._marker[-1] in "]】)"
        return not closed or _MARKER.fullmatch(self._marker) is not None

    def _flush_marker(self) -> None:
        marker, self._marker = self._marker, ""
        if _MARKER.fullmatch(marker):
            self._take_marker(marker)
        elif marker:
            self._read(marker[0])
            for character in marker[1:]:  # what it held may hold a marker: "[see [1]]"
                self._outside_markers(character)

    def _read_all(self, text: str) -> None:
        for character in text:
            self._read(character)

    def _take_marker(self, marker: str) -> None:
        match = _MARKER.fullmatch(marker)
        numbers = tuple(_numbers(match.group(1))) if match else ()
        if not numbers:
            self._read_all(marker)
            return
        if not self._line:
            if self._is_given:
                return
            self._leads = True
        self._spaced = self._spaced or self._line.endswith(" ")
        self._line = self._line.rstrip(" ")
        self._marks.append((len(self._line), numbers))

    # Lines and sentences

    def _read(self, character: str) -> None:
        if self._code is not None:
            self._read_code(character)
        elif character == "\n":
            self._end_line()
        elif character.isspace():
            self._spaced = bool(self._line)
        else:
            self._release()
            self._is_given = False
            if self._spaced and self._line and (character.isalnum() or not self._marks_here() or character in "([“\"'"):
                self._line += " "
            self._spaced = False
            self._line += character
            if self._line in _FENCES:
                self._code, self._line, self._code_chars = [], self._line, 0
            elif self._may_start():
                self._cut()
            if len(self._line) > MAX_SENTENCE_CHARS:
                self.is_nonsense = True
                self._line = ""

    def _marks_here(self) -> bool:
        return bool(self._marks) and self._marks[-1][0] == len(self._line)

    def _may_start(self) -> bool:
        """Whether the character just read may be the first of a new sentence."""
        before = self._line[-2:-1]
        if before == " ":
            return self._line[-3:-2] in _ENDS or self._line[-3:-2] in _WIDE_ENDS
        if before and before in _WIDE_ENDS:
            return True
        return len(self._line) % THAI_STEP_CHARS == 0 and _THAI.search(self._line) is not None

    def _is_whole(self) -> bool:
        """Whether the line is one whole sentence, however what comes next begins."""
        line = self._line
        if self._leads or line[-1:] not in _FULL_STOPS or _LIST.match(line) or _HEADING.match(line):
            return False
        if "." in line.rpartition(" ")[2][:-1]:  # "at 5 p.m. [1] and later"
            return False
        text = line.replace("|", "¦")
        units = [split(f"{text} {following}", self._language) for following in ("Next", "5")]
        return all(len(parts) == 2 and parts[0].end == len(line) for parts in units)

    def _cut(self) -> None:
        """Gives out the first sentence of the line, if a second one has begun."""
        if _LIST.match(self._line) or _HEADING.match(self._line):
            return
        units = split(self._line.replace("|", "¦"), self._language)
        if len(units) < 2 or units[1].start <= units[0].end - 1:
            return
        end, begin = units[0].end, units[1].start
        mine = [mark for mark in self._marks if mark[0] < end or (mark[0] <= begin and not self._leads)]
        self._ready.append(self._noted(self._line[:end], mine, "prose"))
        self._marks = [(max(0, place - begin), numbers) for place, numbers in self._marks[len(mine) :]]
        self._line = self._line[begin:]

    def _end_line(self) -> None:
        line, marks = self._line, self._marks
        self._line, self._leads, self._spaced = "", False, False
        if not line:
            if marks and self._held is not None:
                self._held = replace(self._held, named=_merged(self._held.named, marks))
                self._marks = []
            return
        self._marks = []
        self._release()
        self._held = self._noted(line, marks, "list" if _LIST.match(line) else "prose")

    def _release(self) -> None:
        if self._held is not None:
            self._ready.append(self._held)
            self._held = None

    def _noted(self, text: str, marks: list[tuple[int, tuple[int, ...]]], layout: Layout) -> Written:
        words = _WORDS.findall(text.casefold())
        key = " ".join(words)
        if len(words) >= WORDS_OF_A_LOOP and self._counts.total() <= MAX_SENTENCES:
            self._counts[key] += 1
            if self._counts[key] >= REPEATS_OF_A_LOOP or key == self._last:
                self.is_looping = True
        self._last = key
        self.is_looping = self.is_looping or self._counts.total() > MAX_SENTENCES
        return Written(text, _merged((), marks), layout)

    # Code

    def _read_code(self, character: str) -> None:
        assert self._code is not None
        self._code_chars += 1
        has_room = self._code_chars <= MAX_CODE_CHARS
        if character != "\n":
            if has_room or len(self._line) < len(_FENCES[0]):  # room for the fence that ends it
                self._line += character
            return
        line, self._line = self._line, ""
        if self._code and line.strip() in _FENCES:
            self._code.append(line)
            self._end_code()
        elif has_room or not self._code:
            self._code.append(line)

    def _end_code(self) -> None:
        lines, self._code, self._line = self._code or [], None, ""
        text = "\n".join(lines).rstrip()
        self._release()
        self._held = self._noted(text, self._marks, "code")
        self._marks = []


def _numbers(written: str) -> Iterator[int]:
    """The numbers of a marker in order; a range of up to `MAX_NAMED` is spelled out."""
    spread = _RANGE.sub(lambda found: ",".join(map(str, _range(int(found[1]), int(found[2])))), written)
    yield from (int(number) for number in re.findall(r"\d+", spread) if int(number) > 0)


def _range(first: int, last: int) -> Iterator[int]:
    yield from range(first, last + 1) if first < last < first + MAX_NAMED else (first, last)


def _merged(named: tuple[int, ...], marks: list[tuple[int, tuple[int, ...]]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*named, *(number for _, numbers in marks for number in numbers))))[:MAX_NAMED]
