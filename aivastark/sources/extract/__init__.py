"""A document's bytes → its canonical text with structure, for every format we read."""

from aivastark.sources.extract.base import Block, BlockKind, Extracted, ExtractionFailed, FailureCode
from aivastark.sources.extract.extract import extract
from aivastark.sources.extract.sandbox import ExtractionSandbox

__all__ = ["Block", "BlockKind", "Extracted", "ExtractionFailed", "ExtractionSandbox", "FailureCode", "extract"]
