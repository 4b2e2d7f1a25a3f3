"""A measured number, its floor, and the table of all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a plot has the number: on which line of which chart, and how far to the right."""

    chart: str
    axis: str
    line: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One row. `floor` and `stretch` are what the design asks for; a row without is for information."""

    name: str
    value: float
    unit: str = ""
    floor: float | None = None
    stretch: float | None = None
    at_most: bool = True
    note: str = ""
    spot: Spot | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the floor is reached; `None` where there is none."""
        return None if self.floor is None else self._reaches(self.floor)

    @property
    def verdict(self) -> str:
        """For the table."""
        if self.is_met is None:
            return ""
        if self.stretch is not None and self._reaches(self.stretch):
            return "[green]yes, stretch[/green]"
        return "[green]yes[/green]" if self.is_met else "[red]no[/red]"

    def _reaches(self, bound: float) -> bool:
        return self.value <= bound if self.at_most else self.value >= bound


def table(rows: Iterable[Measured]) -> Table:
    """The rows, for people."""
    drawn = Table(title="Everything of one run", title_justify="left")
    for heading, justify in (
        ("what", "left"),
        ("value", "right"),
        ("floor", "right"),
        ("met", "left"),
        ("note", "left"),
    ):
        drawn.add_column(heading, justify="right" if justify == "right" else "left")
    for row in rows:
        sign = "≤" if row.at_most else "≥"
        floor = "" if row.floor is None else f"{sign} {row.floor:g}"
        drawn.add_row(row.name, _shown(row), floor, row.verdict, row.note)
    return drawn


def _shown(row: Measured) -> str:
    digits = 0 if abs(row.value) >= 100 else 1 if abs(row.value) >= 10 else 2 if abs(row.value) >= 1 else 3
    return f"{row.value:.{digits}f} {row.unit}".rstrip()
