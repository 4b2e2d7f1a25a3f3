"""Git's objects as git makes them: blobs, trees and commits by their SHA-1, and `git archive`'s tar of a commit."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

FILE, LINK, FOLDER, SUBMODULE = "100644", "120000", "040000", "160000"
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Zeros:
    """So many zero bytes, never held at once."""

    size: int

    def pieces(self) -> Iterator[bytes]:
        for start in range(0, self.size, PIECE_BYTES):
            yield bytes(min(PIECE_BYTES, self.size - start))


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """Another repository at a commit."""

    commit: str = "ab" * 20


Content = bytes | Zeros | Link | Submodule


@dataclass(frozen=True)
class Line:
    """A line of a tree; `size` of blobs alone."""

    name: str
    mode: str
    hash: str
    size: int | None = None


def size_of(content: bytes | Zeros | Link) -> int:
    if isinstance(content, Zeros):
        return content.size
    return len(content.target.encode() if isinstance(content, Link) else content)


def blob_hash(content: bytes | Zeros | Link) -> str:
    """git-hash-object(1)."""
    hashed = hashlib.sha1(f"blob {size_of(content)}\x00".encode())
    for piece in pieces_of(content):
        hashed.update(piece)
    return hashed.hexdigest()


def pieces_of(content: bytes | Zeros | Link) -> Iterable[bytes]:
    if isinstance(content, Zeros):
        return content.pieces()
    return [content.target.encode() if isinstance(content, Link) else content]


def build_trees(files: Mapping[str, Content], trees: dict[str, list[Line]]) -> str:
    """The hash of the tree of these files; it and all below it are put into `trees`."""
    lines: list[Line] = []
    below: dict[str, dict[str, Content]] = {}
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = content
        elif isinstance(content, Submodule):
            lines.append(Line(name, SUBMODULE, content.commit))
        else:
            mode = LINK if isinstance(content, Link) else FILE
            lines.append(Line(name, mode, blob_hash(content), size_of(content)))
    lines += [Line(name, FOLDER, build_trees(inside, trees)) for name, inside in below.items()]
    # Folders are sorted as if their names ended in a slash (git-mktree(1)).
    lines.sort(key=lambda line: f"{line.name}/".encode() if line.mode == FOLDER else line.name.encode())
    written = b"".join(f"{line.mode.lstrip('0')} {line.name}\x00".encode() + bytes.fromhex(line.hash) for line in lines)
    hash_ = hashlib.sha1(f"tree {len(written)}\x00".encode() + written).hexdigest()
    trees[hash_] = lines
    return hash_


def commit_hash(tree: str, parent: str | None, message: str, second: int) -> str:
    who = f"A committer <committer@example.test> {second} +0000"
    parents = f"parent {parent}\n" if parent else ""
    written = f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{message}\n".encode()
    return hashlib.sha1(f"commit {len(written)}\x00".encode() + written).hexdigest()


def archive(files: Mapping[str, Content], *, folder: str, commit: str) -> bytes:
    """git-archive(1) as `tar.gz`: all in one folder, the commit in a global header, long names in extended ones."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(
            fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}, encoding="utf-8"
        ) as tar,
    ):
        tar.addfile(_member(folder, tarfile.DIRTYPE))
        for path, content in sorted(files.items()):
            name = f"{folder}/{path}"
            if isinstance(content, Submodule):
                tar.addfile(_member(name, tarfile.DIRTYPE))
            elif isinstance(content, Link):
                link = _member(name, tarfile.SYMTYPE)
                link.linkname = content.target
                tar.addfile(link)
            else:
                member = _member(name, tarfile.REGTYPE)
                member.size = size_of(content)
                tar.addfile(member, io.BytesIO(b"".join(pieces_of(content))))
    return packed.getvalue()


def _member(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mtime = kind, 1_700_000_000
    return member
