"""Memory that was freed, given back to the system."""

import ctypes
import sys


def return_freed_memory() -> None:
    """What was large and is freed stays resident in glibc's heaps, 50–300 MB after a model, until it is asked for.

    Elsewhere nothing happens. It looks through every heap: a few milliseconds, for after large things only.
    """
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
