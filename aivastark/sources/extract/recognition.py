"""The program tesseract: whether it is on this machine, what it knows, and how it is run.

It is run as a process of its own below the sandbox's child, whose limit on memory it inherits. It gets a picture on its
standard input and nothing else of ours: no file, no setting, no secret.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache

from aivastark.sources.extract.base import ExtractionFailed, Recognition, RecognitionNeeded

LIST_SECONDS = 10.0  # for telling which languages there are
MAX_OUTPUT_BYTES = 8 * 1024 * 1024  # for one page; a page of a newspaper has some 300 kB
MAX_LANGUAGES = 4  # each makes a page slower and words of the others likelier to be misread

_ENVIRONMENT = ("PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "HOME")


def find_recognition(*, enabled: bool, languages: Sequence[str] = ()) -> Recognition:
    """What can be done about pictures of text on this machine."""
    if not enabled:
        return Recognition(when="off")
    program = shutil.which("tesseract")
    if program is None:
        return Recognition(when="missing")
    return Recognition(when="later", program=os.path.abspath(program), languages=tuple(languages))


def refuse_pictures(recognition: Recognition, *, what: str) -> None:
    """Says why pictures of text cannot be read here; returns where they can. Raises `no_text`, `RecognitionNeeded`."""
    match recognition.when:
        case "now":
            return
        case "later":
            raise RecognitionNeeded
        case "off":
            way = "Set AIVASTARK_OCR to auto on the server to have them read (OCR)"
        case "missing":
            way = "Install tesseract on the server to have them read (OCR)"
    raise ExtractionFailed("no_text", f"{what} {way}, or upload a version with text.")


def choose_languages(recognition: Recognition) -> tuple[str, ...]:
    """Those asked for that are installed, else English and what else there is. Raises `no_text` where there is none."""
    installed = installed_languages(recognition.program)
    asked = [language for language in recognition.languages if language in installed]
    chosen = asked or sorted(installed, key=lambda language: (language != "eng", language))
    if not chosen:
        message = "Tesseract on the server knows no language. Install one for it, for instance English (eng)."
        raise ExtractionFailed("no_text", message)
    return tuple(chosen[:MAX_LANGUAGES])


@lru_cache(maxsize=1)
def installed_languages(program: str) -> frozenset[str]:
    """What the program can read; not `osd`, which only tells scripts apart, nor whole scripts."""
    listed = run_tesseract([program, "--list-langs"], b"", seconds=LIST_SECONDS).decode("utf-8", "replace")
    names = {line.strip() for line in listed.splitlines()[1:]}
    return frozenset(name for name in names if re.fullmatch(r"[A-Za-z]\w*", name) and name != "osd")


def run_tesseract(command: Sequence[str], picture: bytes, *, seconds: float) -> bytes:
    """What it prints. Raises `extraction_timeout`, `corrupt`, `too_complex`, or `no_text` where it cannot start."""
    try:
        done = subprocess.run(
            command,
            input=picture,
            capture_output=True,
            timeout=seconds,
            env=_environment(os.environ),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = "Recognising the text of a page took too long. Save the document at a lower resolution and retry."
        raise ExtractionFailed("extraction_timeout", message) from error
    except OSError as error:
        message = "Tesseract on the server cannot be run. Install it anew, or upload a version with text."
        raise ExtractionFailed("no_text", message) from error
    if done.returncode != 0:
        message = "The picture cannot be read; it is damaged or of a kind tesseract on the server does not know."
        raise ExtractionFailed("corrupt", f"{message} Save it as PNG and retry.")
    if len(done.stdout) > MAX_OUTPUT_BYTES:
        raise ExtractionFailed("too_complex", "A page gave more text than any page holds. Save it again and retry.")
    return done.stdout


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Only what a program needs to start; one thread, since pages are read one after the other beside a server."""
    return {name: ours[name] for name in _ENVIRONMENT if name in ours} | {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
