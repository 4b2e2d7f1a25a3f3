"""Directives of reStructuredText, docutils' and Sphinx's: what of each a reader of the page would see."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["silent", "title", "code", "picture", "table", "object", "labelled", "wrapper"]

_LINE = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?(?P<name>[A-Za-z][\w:.+-]{0,80}?)\s?::(?:\s+(?P<argument>.*))?$")
_OPTION = re.compile(r":(?P<name>[^:\s][^:]{0,60}):(?:\s+(?P<text>.*))?$")

_SILENT = frozenset(
    {
        "toctree", "contents", "sectnum", "include", "raw", "index", "meta", "highlight", "currentmodule", "module",
        "py:module", "py:currentmodule", "tabularcolumns", "title", "default-role", "role", "sectionauthor",
        "moduleauthor", "codeauthor", "literalinclude", "todo", "todolist", "graphviz", "digraph", "graph", "uml",
        "mermaid", "plot", "program", "bibliography", "replace", "unicode", "date", "target-notes",
        "rst-class", "cssclass", "header", "footer", "testsetup", "testcleanup", "ifconfig", "youtube", "autosummary",
    }
)  # fmt: skip
_CODE = frozenset(
    {
        "code", "code-block", "sourcecode", "parsed-literal", "prompt", "doctest", "testcode", "testoutput",
        "productionlist", "ipython", "jupyter-execute", "console", "math", "command-output",
    }
)  # fmt: skip
# Their arguments are for programs.
_BARE = frozenset(
    {
        "only", "container", "hlist", "highlights", "compound", "glossary", "tabs", "tab-set", "grid", "compact",
        "pull-quote", "epigraph", "flat-table", "grid-item", "grid-item-card", "tab-container",
    }
)  # fmt: skip
_LABELS = {
    "note": "Note", "warning": "Warning", "tip": "Tip", "important": "Important", "caution": "Caution",
    "danger": "Danger", "attention": "Attention", "error": "Error", "hint": "Hint", "seealso": "See also",
    "admonition": "", "topic": "", "sidebar": "", "deprecated": "Deprecated since version",
    "deprecated-removed": "Deprecated since version", "versionadded": "Added in version",
    "versionchanged": "Changed in version", "versionremoved": "Removed in version",
}  # fmt: skip
_OF_A_VERSION = frozenset(name for name, label in _LABELS.items() if label.endswith("version"))
_TITLED = frozenset({"admonition", "topic", "sidebar"})
_OBJECTS = re.compile(
    r"(?:\w+:)?(?:function|class|method|staticmethod|classmethod|attribute|property|data|exception|decorator|option|"
    r"cmdoption|envvar|describe|object|setting|confval|macro|type|member|var|enum|struct|opcode|"
    r"decoratormethod|django-admin|templatetag|templatefilter|fieldlookup|directive|http:\w+|get|post|put|delete|patch)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Directive:
    """`.. name:: argument`, its options, and what stands indented below."""

    name: str
    argument: Sequence[str]
    """Its lines: the first one, and those up to an empty line or an option."""
    options: Mapping[str, str]
    content: Sequence[str]
    is_joined: bool
    """Whether the content began on the line of the directive."""

    @property
    def takes_text(self) -> bool:
        """Whether the argument is the beginning of the text, and no title or version."""
        return self.name not in _TITLED | _OF_A_VERSION


def parsed(line: str, body: Sequence[str]) -> Directive | None:
    """None for what is no directive."""
    found = _LINE.match(line)
    if found is None:
        return None
    argument = [found["argument"]] if found["argument"] else []
    at = 0
    while at < len(body) and body[at] and not _OPTION.match(body[at]):
        at += 1
    name = found["name"].lower()
    if name == "only" and not re.search(r"\bhtml\b|\bnot\b", found["argument"] or ""):
        name = "todo"  # for a printed manual: nobody sees it on the page
    takes_lines = bool(argument) and kind_of(name) in ("object", "labelled", "picture", "table")
    joined = list(body[:at]) if takes_lines else []
    at = at if takes_lines else 0
    options: dict[str, str] = {}
    while at < len(body) and (option := _OPTION.match(body[at])):
        options[option["name"].lower()] = option["text"] or ""
        at += 1
    while at < len(body) and not body[at]:
        at += 1
    if name in _OF_A_VERSION and argument:
        version, _, rest = argument[0].partition(" ")
        return Directive(
            name=name, argument=[version], options=options, content=[rest, *joined, *body[at:]], is_joined=True
        )
    return Directive(
        name=name,
        argument=[] if name in _BARE else [*argument, *joined],
        options=options,
        content=list(body[at:]),
        is_joined=False,
    )


def kind_of(name: str) -> Kind:
    """How it is read; what nobody knows is a wrapper around its content."""
    if name in _LABELS:
        return "labelled"
    if name in _CODE:
        return "code"
    if name in ("image", "figure"):
        return "picture"
    if name in ("list-table", "csv-table", "table"):
        return "table"
    if name in ("rubric", "centered"):
        return "title"
    if name in _SILENT:
        return "silent"
    return "object" if _OBJECTS.fullmatch(name) else "wrapper"


def label_of(directive: Directive, words: Callable[[Sequence[str]], str]) -> str:
    """What stands before its first words: `Note`, `Added in version 3.2`, or its title."""
    label = _LABELS[directive.name]
    if directive.takes_text:
        return label
    return f"{label} {words(directive.argument)}".strip()
