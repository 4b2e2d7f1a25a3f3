"""reStructuredText, Sphinx's included, to blocks of plain words.

A reader of our own, after the specification (docutils.sourceforge.io/docs/ref/rst/restructuredtext.html): docutils
itself reports Sphinx's directives and roles as errors and loses what is in them, and nothing of a stranger's file is
ever included, evaluated or run here. What is marked up wrongly is read as the words it is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aivastark.sources.extract.base import Document, Extracted
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.html_blocks import BOLD_LEVEL, Recording, Sink, write_list
from aivastark.sources.extract.rst_directives import Directive, kind_of, label_of, parsed
from aivastark.sources.extract.rst_inline import words_of
from aivastark.sources.extract.rst_tables import (
    Rows,
    csv_rows,
    grid_end,
    grid_rows,
    is_grid,
    is_simple,
    simple_end,
    simple_rows,
)
from aivastark.sources.extract.tables import pipe_table

MAX_DEPTH = 40  # nested deeper, a block is read as plain words
TAB_COLUMNS = 8

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*\s*$")
_BULLET = re.compile(r"([*+•‣⁃-])(?:\s+|$)")
_NUMBER = re.compile(r"(?:\(?(?:\d{1,4}|[A-Za-z]|[ivxlcIVXLC]{1,6}|#)[.)])(?:\s+|$)")
_EXPLICIT = re.compile(r"\.\.(?:\s+|$)")
_TARGET = re.compile(r"\.\.\s+_(?P<name>`[^`]+`|[^:]+):(?:\s|$)")
_SUBSTITUTION = re.compile(r"\.\.\s+\|(?P<name>[^|]+)\|\s+(?P<kind>[\w-]+)::\s*(?P<text>.*)")
_FOOTNOTE = re.compile(r"\.\.\s+\[(?P<label>[^\]]{1,80})\](?:\s+|$)(?P<text>.*)")
_FIELD = re.compile(r":(?P<name>(?![\s:])(?:[^:`\n]|\\:){1,100}):(?:\s+|$)(?P<text>.*)")
_OPTION = re.compile(r"(?P<option>(?:--?|/)[A-Za-z0-9?][^\n]*?)(?:\s{2,}(?P<text>\S.*)|$)")


def read_rst(document: Document) -> Extracted:
    """The document; its title is its first heading."""
    text = clean(decode(document.content, media_type=document.media_type)).expandtabs(TAB_COLUMNS)
    lines = [line.rstrip() for line in text.split("\n")]
    canonical = CanonicalText()
    _Reader(targets=_targets(lines), substitutions=_substitutions(lines)).blocks(lines, canonical)
    return canonical.finish(title=canonical.first_heading(), media_type="text/x-rst")


@dataclass(kw_only=True)
class _Reader:
    """What is known of the whole document while its blocks are read."""

    targets: frozenset[str]
    substitutions: dict[str, str]
    styles: list[tuple[str, bool]] = field(default_factory=list)
    """Of section titles in the order they were met, outermost first: the sign, and whether it stands above too."""

    def blocks(self, lines: Sequence[str], sink: Sink, depth: int = 0) -> None:
        """Every block of `lines`, which stand at the left edge."""
        if depth > MAX_DEPTH:
            sink.add("paragraph", self._words(lines))
            return
        readers: tuple[Callable[[Sequence[str], int, Sink, int], int], ...] = (
            self._section, self._explicit, self._table, self._list, self._fields, self._options, self._verbatim,
            self._quote,
        )  # fmt: skip
        at = 0
        while at < len(lines):
            if not lines[at]:
                at += 1
                continue
            for reader in readers:
                end = reader(lines, at, sink, depth)
                if end > at:
                    break
            else:
                end = self._paragraph(lines, at, sink, depth)
            at = end

    def _words(self, lines: Sequence[str]) -> str:
        text = " ".join(line.strip() for line in lines if line.strip())
        return words_of(text, substitutions=self.substitutions, targets=self.targets)

    def _add_words(self, text: str, sink: Sink) -> None:
        if text:
            sink.add("paragraph", self._words([text]))

    def _section(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """A title with a line of signs below it, or above and below; or such a line alone, which only parts."""
        line, following = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
        if _ADORNMENT.match(line) and not following.strip() and len(line) >= 4:
            return at + 1
        if depth:
            return at
        below = lines[at + 2] if at + 2 < len(lines) else ""
        if len(line) >= 2 and following.strip() and below[:1] == line[0] and _is_adorned(following.strip(), below):
            if _ADORNMENT.match(line):
                self._title(sink, line[0], True, following)
                return at + 3
        elif not line.startswith(" ") and not _EXPLICIT.match(line) and _is_adorned(line, following):
            self._title(sink, following[0], False, line)
            return at + 2
        return at

    def _title(self, sink: Sink, sign: str, over: bool, text: str) -> None:
        style = (sign, over)
        if style not in self.styles:
            self.styles.append(style)
        sink.heading(min(self.styles.index(style) + 1, BOLD_LEVEL - 1), self._words([text]))

    def _explicit(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """What begins with two dots: directives, footnotes, targets, comments."""
        line = lines[at]
        if line.startswith("__ "):
            return at + 1
        if not _EXPLICIT.match(line):
            return at
        end = _indented_end(lines, at + 1)
        body = _dedented(lines[at + 1 : end])
        directive = parsed(line, body)
        if directive is not None:
            self._directive(directive, sink, depth)
        elif footnote := _FOOTNOTE.match(line):
            self.blocks([footnote["text"], *body], sink, depth + 1)
        return end

    def _directive(self, directive: Directive, sink: Sink, depth: int) -> None:
        match kind_of(directive.name):
            case "silent":
                return
            case "title":
                self._add_words(" ".join(directive.argument), sink)
            case "code":
                sink.add("code", "\n".join(directive.content or directive.argument))
            case "picture":
                self._add_words(directive.options.get("alt", ""), sink)
                self.blocks(directive.content, sink, depth + 1)
            case "table":
                self._table_directive(directive, sink, depth)
            case "object":
                level = BOLD_LEVEL + depth
                sink.heading(level, ", ".join(self._words([line]) for line in directive.argument if line))
                self.blocks(directive.content, sink, depth + 1)
                sink.leave_headings(level)
            case "labelled":
                self._labelled_directive(directive, sink, depth)
            case "wrapper":
                self._add_words(" ".join(directive.argument) if directive.content else "", sink)
                self.blocks(directive.content, sink, depth + 1)

    def _labelled_directive(self, directive: Directive, sink: Sink, depth: int) -> None:
        recording = Recording()
        body = directive.argument if directive.takes_text else []
        between = [] if directive.is_joined else [""]
        self.blocks([*body, *between, *directive.content], recording, depth + 1)
        _labelled(recording, label_of(directive, self._words)).replay(sink)

    def _table_directive(self, directive: Directive, sink: Sink, depth: int) -> None:
        self._add_words(" ".join(directive.argument), sink)
        if directive.name == "table":
            self.blocks(directive.content, sink, depth + 1)
            return
        if directive.name == "csv-table":
            rows = csv_rows([directive.options["header"]]) if "header" in directive.options else []
            rows += csv_rows(directive.content)
            has_header = "header" in directive.options or directive.options.get("header-rows", "0") != "0"
        else:
            rows = [[" ".join(cell) for cell in _items(row)[0]] for row in _items(directive.content)[0]]
            has_header = directive.options.get("header-rows", "0") != "0"
        self._add_table(rows, has_header, sink)

    def _add_table(self, rows: Rows, has_header: bool, sink: Sink) -> None:
        sink.add("table", pipe_table([[self._words([cell]) for cell in row] for row in rows], has_header=has_header))

    def _table(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        if is_grid(lines[at]):
            end = grid_end(lines, at)
            self._add_table(*grid_rows(lines[at:end]), sink)
            return end
        if is_simple(lines[at]):
            end = simple_end(lines, at)
            self._add_table(*simple_rows(lines[at:end]), sink)
            return end
        return at

    def _list(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        marker = _BULLET if _BULLET.match(lines[at]) else _NUMBER
        if not marker.match(lines[at]) or (marker is _NUMBER and not _is_item(lines, at)):
            return at
        items, used = _items(lines[at:], marker)
        written: list[tuple[str, Recording]] = []
        first = re.match(r"\(?(\d+)", lines[at])
        number = int(first[1]) if first else 1
        for item in items:
            recording = Recording()
            self.blocks(item, recording, depth + 1)
            written.append((f"{number}. " if marker is _NUMBER else "- ", recording))
            number += 1
        write_list(sink, written)
        return at + used

    def _fields(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """`:name: text`, one after the other; those without a text are for programs."""
        written: list[str] = []
        while at < len(lines) and (found := _FIELD.match(lines[at])):
            end = _indented_end(lines, at + 1)
            text = self._words([found["text"], *lines[at + 1 : end]])
            if text:
                written.append(f"{self._words([found['name']])}: {text}")
            at = end
        if written:
            sink.add("paragraph", "\n".join(written))
        return at

    def _options(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """`-f, --file   what it does`, one after the other, as a list."""
        written: list[str] = []
        while at < len(lines) and (found := _OPTION.match(lines[at])):
            end = _indented_end(lines, at + 1)
            text = self._words([found["text"] or "", *lines[at + 1 : end]])
            if not text:
                break
            written.append(f"- {found['option']}: {text}")
            at = end
        if written:
            sink.add("list", "\n".join(written))
        return at

    def _verbatim(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """Sessions of an interpreter, and lines that are to stay lines."""
        if not lines[at].startswith((">>> ", "| ")):
            return at
        end = at
        while end < len(lines) and lines[end]:
            end += 1
        if lines[at].startswith(">>>"):
            sink.add("code", "\n".join(lines[at:end]))
        else:
            sink.add("paragraph", "\n".join(self._words([line.removeprefix("|")]) for line in lines[at:end]))
        return end

    def _quote(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        if not lines[at].startswith(" "):
            return at
        end = _indented_end(lines, at)
        self.blocks(_dedented(lines[at:end]), sink, depth + 1)
        return end

    def _paragraph(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        """Words up to an empty line; a term with its definition; the verbatim block that two colons announce."""
        end = at + 1
        while end < len(lines) and lines[end] and not lines[end].startswith(" "):
            end += 1
        defines = end == at + 1 and end < len(lines) and lines[end].startswith(" ") and not lines[at].endswith("::")
        if defines:
            return self._definitions(lines, at, sink, depth)
        announces = lines[end - 1].endswith("::")
        text = list(lines[at:end])
        if announces:
            text[-1] = (
                re.sub(r"(?:^|\s+)::$", "", text[-1]).replace("::", ":") if text[-1].endswith(" ::") else text[-1][:-1]
            )
            if text[-1] == ":":
                text.pop()
        if text:
            sink.add("paragraph", self._words(text))
        if not announces:
            return end
        stop = _indented_end(lines, end)
        sink.add("code", "\n".join(_dedented(lines[end:stop])))
        return max(stop, end)

    def _definitions(self, lines: Sequence[str], at: int, sink: Sink, depth: int) -> int:
        items: list[tuple[str, Recording]] = []
        while at + 1 < len(lines) and lines[at] and not lines[at].startswith(" ") and lines[at + 1].startswith(" "):
            if items and (_EXPLICIT.match(lines[at]) or _BULLET.match(lines[at])):
                break
            end = _indented_end(lines, at + 1)
            recording = Recording()
            self.blocks(_dedented(lines[at + 1 : end]), recording, depth + 1)
            items.append(("- ", _labelled(recording, self._words([lines[at]]))))
            at = end
        write_list(sink, items)
        return at


def _is_adorned(title: str, below: str) -> bool:
    """Whether the line below a title makes it one: of one sign only, and about as long."""
    return _ADORNMENT.match(below) is not None and len(below) >= min(len(title), 4)


def _labelled(recording: Recording, label: str) -> Recording:
    """The same with `label: ` before its first words."""
    if label:
        kind, text, level = recording.blocks[0] if recording.blocks else ("paragraph", "", 0)
        if kind == "paragraph":
            recording.blocks[:1] = [(kind, f"{label}: {text}" if text else label, level)]
        else:
            recording.blocks.insert(0, ("paragraph", f"{label}:", 0))
    return recording


def _items(lines: Sequence[str], marker: re.Pattern[str] = _BULLET) -> tuple[list[list[str]], int]:
    """The items of a list at the left edge, each without its mark, and how many lines they take."""
    items: list[list[str]] = []
    at = 0
    while at < len(lines) and (found := marker.match(lines[at])):
        width = found.end()
        end = _indented_end(lines, at + 1)
        rest = lines[at + 1 : end]
        inner = min((_indent(line) for line in rest if line), default=width)
        items.append([lines[at][width:], *(line[min(inner, width) :] for line in rest)])
        at = end
    return items, at


def _is_item(lines: Sequence[str], at: int) -> bool:
    """Whether a number begins a list item, and not a sentence that goes on in the next line."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return not following or following.startswith(" ") or _NUMBER.match(following) is not None


def _indented_end(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that stands at the left edge; empty lines before it do not count."""
    end = last = start
    while end < len(lines) and (not lines[end] or lines[end].startswith(" ")):
        end += 1
        if lines[end - 1]:
            last = end
    return last


def _dedented(lines: Sequence[str]) -> list[str]:
    indent = min((_indent(line) for line in lines if line), default=0)
    return [line[indent:] for line in lines]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _targets(lines: Sequence[str]) -> frozenset[str]:
    """The names that `name_` may refer to, in lower case."""
    found = (_TARGET.match(line.strip()) for line in lines if "_" in line)
    return frozenset(match["name"].strip("`").lower() for match in found if match)


def _substitutions(lines: Sequence[str]) -> dict[str, str]:
    """What `|name|` stands for, where it stands for words."""
    found = (_SUBSTITUTION.match(line) for line in lines if line.startswith(".."))
    return {match["name"].lower(): match["text"] for match in found if match and match["kind"] == "replace"}
