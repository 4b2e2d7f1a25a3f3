"""The words of reStructuredText's inline markup: no backquotes, stars, roles or targets, as a reader sees them."""

import re
from collections.abc import Mapping

MAX_MARKED_CHARS = 1_000  # a longer span of markup is taken as it stands: then no text is slow to read

_S = MAX_MARKED_CHARS
_MARKUP = re.compile(
    rf"""
    ``(?P<literal>[^\n]{{1,{_S}}}?)``(?!`)
    | (?<![\w`]):[A-Za-z][\w:.+-]{{0,60}}:`(?P<role>[^`]{{1,{_S}}})`
    | (?<![\w`])`(?P<text>[^`]{{1,{_S}}})`(?:__?(?!\w)|:[A-Za-z][\w:.+-]{{0,60}}:)?
    | (?<![\w*\\])\*\*(?=\S)(?P<strong>[^*]{{1,{_S}}}?)(?<=\S)\*\*(?!\w)
    | (?<![\w*\\])\*(?=[^\s*])(?P<emphasis>[^*]{{1,{_S}}}?)(?<=\S)\*(?![\w*])
    | (?<![\w|])\|(?P<substitution>[^|\s](?:[^|\n]{{0,80}}[^|\s])?)\|(?:__?)?(?![\w|])
    | (?P<note>\ ?\[(?:\d{{1,4}}|[#*][\w.-]{{0,60}}|\*)\]_(?!\w))
    | \[(?P<citation>[A-Za-z][\w.-]{{0,60}})\]_(?!\w)
    | (?<!\w)(?P<reference>[A-Za-z0-9](?:[\w.-]{{0,80}}[A-Za-z0-9])?)__?(?!\w)
    | \\(?P<escaped>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TARGET = re.compile(r"\s*<[^<>]*>$")


def words_of(text: str, *, substitutions: Mapping[str, str], targets: frozenset[str]) -> str:
    """`text` without its markup. `targets` are the names that `name_` refers to here; elsewhere it is a plain word."""

    def shown(match: re.Match[str]) -> str:
        match match.lastgroup:
            case "literal" | "strong" | "emphasis":
                return match[match.lastgroup]
            case "role" | "text":
                return _label(match[match.lastgroup])
            case "substitution":
                return substitutions.get(match["substitution"].lower(), match["substitution"])
            case "citation":
                return f"[{match['citation']}]"
            case "reference":
                known = match["reference"].lower() in targets
                return match["reference"] if known else match[0]
            case "escaped":
                return "" if match["escaped"].isspace() else match["escaped"]
            case _:  # the number of a footnote
                return ""

    return _MARKUP.sub(shown, text)


def _label(text: str) -> str:
    """`Title <target>` shows its title, `~package.Name` its last part, `!Name` no more than the name."""
    label = _TARGET.sub("", text) or text.strip("<> ")
    if label.startswith("~"):
        return label.rpartition(".")[2].lstrip("~")
    return label.removeprefix("!").replace("\\", "")
