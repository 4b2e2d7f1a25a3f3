"""Which files of a repository are knowledge: kinds that are read, folders that are left out, and what the caller says.

Globs are those of `.gitignore` without its negation, from the root of the repository: `*` and `?` within one name, `**`
over folders, `[…]` for sets; a pattern without a slash in it matches at any depth, `docs/api/` everything below.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

GLOB_MAX_CHARS = 200
GLOBS_MAX = 50

DOCUMENT_ENDINGS = frozenset(
    {
        "md", "markdown", "mdx", "mkd", "rst", "rest", "adoc", "asciidoc", "txt", "text", "ipynb", "html", "htm",
        "xhtml", "pdf", "docx", "pptx", "xlsx", "epub",
    }
)  # fmt: skip
# Read when a glob asks for them, as code: verbatim, line by line.
CODE_ENDINGS = frozenset(
    {
        "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "tsx", "java", "kt", "kts", "scala", "go", "rs", "c", "h", "cc",
        "cpp", "cxx", "hh", "hpp", "cs", "fs", "vb", "rb", "php", "pl", "pm", "lua", "swift", "m", "mm", "r", "jl",
        "hs", "ml", "mli", "ex", "exs", "erl", "clj", "dart", "zig", "nim", "sh", "bash", "zsh", "fish", "ps1", "bat",
        "sql", "graphql", "gql", "proto", "thrift", "tf", "hcl", "yaml", "yml", "toml", "ini", "cfg", "conf",
        "properties", "env", "gradle", "cmake", "mk", "css", "scss", "sass", "less", "vue", "svelte", "tex", "diff",
        "patch",
    }
)  # fmt: skip
# Other people's files, what a build leaves, and what only tests read.
_LEFT_OUT_ANYWHERE = frozenset(
    {
        ".git", ".github", ".gitlab", ".svn", ".hg", ".idea", ".vscode", ".venv", ".tox", ".nox", ".cache",
        "node_modules", "bower_components", "vendor", "vendors", "third_party", "third-party", "thirdparty",
        "site-packages", "venv", "__pycache__", "_build", "_site", "fixtures",
        "__fixtures__", "testdata", "test_data", "test-data", "snapshots", "__snapshots__", "__tests__",
    }
)  # fmt: skip
# The same, but in documentation these are chapters.
_LEFT_OUT_OF_CODE = frozenset({"build", "dist", "target", "out", "external", "coverage", "test", "tests"})
_DOCUMENTATION = frozenset({"doc", "docs", "documentation"})
# Text that says nothing a customer asks about.
_LEFT_OUT_NAMES = re.compile(
    r"(licen[cs]e|copying|notice|codeowners|authors|pull_request_template|issue_template|code_of_conduct)"
    r"([-_.][\w.-]*)?|requirements([-_.][\w.-]*)?\.txt|cmakelists\.txt|robots\.txt|llms(-full)?\.txt|[\w.-]*\.min\.\w+",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What a source wants of its repository."""

    path: str = ""
    """The folder that the source is; what is left out by default is told from what is below it."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def wants(self, path: str) -> bool:
        """Whether a file is to be read, by its path in the repository. `include` overrules all defaults."""
        if any(matches(path, glob) for glob in self.exclude):
            return False
        if self.include:
            return any(matches(path, glob) for glob in self.include)
        *folders, name = self._below(path)
        return not _is_left_out(folders) and ending(name) in DOCUMENT_ENDINGS and not _LEFT_OUT_NAMES.fullmatch(name)

    def may_hold(self, folder: str) -> bool:
        """Whether something below a folder may be wanted; False is certain."""
        if any(matches(folder, glob) for glob in self.exclude):
            return False
        return bool(self.include) or not _is_left_out(self._below(folder))

    def _below(self, path: str) -> list[str]:
        return path.removeprefix(f"{self.path}/" if self.path else "").split("/")


def _is_left_out(folders: list[str]) -> bool:
    names = [folder.lower() for folder in folders]
    chapters = next((at for at, name in enumerate(names) if name in _DOCUMENTATION), len(names))
    return not _LEFT_OUT_ANYWHERE.isdisjoint(names) or not _LEFT_OUT_OF_CODE.isdisjoint(names[:chapters])


def is_code(path: str) -> bool:
    """Whether a file that was asked for is program text."""
    return ending(path.rpartition("/")[2]) in CODE_ENDINGS


def ending(name: str) -> str:
    """`md` of `README.md`; "" of a name without a dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def matches(path: str, glob: str) -> bool:
    """Whether a glob names this file, or a folder it is in."""
    return _match(tuple(path.split("/")), _segments(glob))


def _match(names: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Name by name, all ways at once: each step costs the length of the pattern, whatever the pattern is."""
    reached = {0} if segments[0] != "**" else {0, 1}
    for name in names:
        following: set[int] = set()
        for at in reached:
            if at == len(segments):  # all of the pattern was a folder above
                return True
            if segments[at] == "**":
                following.add(at)
            elif fnmatchcase(name, segments[at]):
                following.add(at + 1)
        for at in sorted(following):
            if at < len(segments) and segments[at] == "**":  # which may stand for no folder at all
                following.add(at + 1)
        reached = following
    return len(segments) in reached


@lru_cache(maxsize=1_000)
def _segments(glob: str) -> tuple[str, ...]:
    pattern = glob.removeprefix("./")
    anchored = pattern.startswith("/") or "/" in pattern.rstrip("/") or glob.startswith("./")
    parts = [part for part in pattern.split("/") if part]
    whole = parts if anchored else ["**", *parts]
    # Two in a row say what one does.
    return tuple(part for at, part in enumerate(whole) if part != "**" or whole[at - 1 : at] != ["**"]) or ("**",)
