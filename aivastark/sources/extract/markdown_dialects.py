"""What documentation tools add to Markdown, brought back to CommonMark so that no sign of it is quoted."""

import re

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_CONTAINER = re.compile(r"^\s*:{3,}\s*(?:\{?\.?[\w-]+\}?)?\s*(?:\[([^\]]*)\]|(.*?))\s*(?:\{.*\})?\s*$")
_INDENTED = re.compile(r"""^(\s*)(?:!!!|\?\?\?\+?|===!?)[ \t]+(?:[\w -]*?)(?:"([^"]*)")?\s*$""")
_MODULE_LINE = re.compile(
    r"""^(?:import\s.+\sfrom\s+['"].+['"];?|import\s+['"].+['"];?|export\s+(?:const|default)\s.+)\s*$"""
)
_ALERT = re.compile(r"^(\s*>\s*)\[!(\w+)\][ \t]*$")


def plain_commonmark(text: str) -> str:
    """Containers (`:::note`), indented admonitions and tabs (`!!! note`), alerts (`> [!NOTE]`), MDX imports."""
    written: list[str] = []
    fence = ""
    indents: list[int] = []
    for line in text.split("\n"):
        line = _dedented(line, indents)
        mark = _FENCE.match(line)
        if mark and (not fence or (mark.group(1).startswith(fence) and line.strip().strip(fence[0]) == "")):
            fence = "" if fence else mark.group(1)
        elif not fence:
            line = _without_dialect(line, indents)
        written.append(line)
    return "\n".join(written)


def _without_dialect(line: str, indents: list[int]) -> str:
    if line.lstrip().startswith(":::"):
        found = _CONTAINER.match(line)
        return f"\n{(found.group(1) or found.group(2) or '').strip()}\n" if found else line
    if found := _INDENTED.match(line):
        indents.append(len(found.group(1)) + 4 + (indents[-1] if indents else 0))
        return f"{found.group(1)}{found.group(2) or ''}\n"
    if _MODULE_LINE.match(line):
        return ""
    return _ALERT.sub(r"\1", line)


def _dedented(line: str, indents: list[int]) -> str:
    """The line without the indentation of the admonitions it stands in; they end at the first line before it."""
    if not line.strip():
        return line
    width = len(line) - len(line.lstrip(" "))
    while indents and width < indents[-1]:
        indents.pop()
    return line[4 * len(indents) :] if indents else line
