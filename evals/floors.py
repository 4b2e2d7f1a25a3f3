"""What the numbers must reach, from the project's design; the run fails when one is missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Column = Literal["ndcg10", "right", "cited_first", "auroc", "ece", "verbatim", "refused_unanswerable"]


@dataclass(frozen=True, slots=True)
class Floor:
    """A bound of one number of one row; `at_most` turns it round."""

    row: str
    column: Column
    bound: float
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether the value is good enough; one that could not be measured is not."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{self.row}: {self.column} {'≤' if self.at_most else '≥'} {self.bound}"


FLOORS = (
    Floor("squad2-mini", "ndcg10", 0.955),
    Floor("saas-docs-anthropic", "ndcg10", 0.835),
    Floor("stackfaq", "ndcg10", 0.93),
    Floor("xquad-de", "ndcg10", 0.945),
    Floor("xquad-es", "ndcg10", 0.965),
    Floor("squad2-mini", "right", 0.85),
    Floor("squad2-mini", "cited_first", 0.85),
    Floor("all", "cited_first", 0.85),
    Floor("all", "auroc", 0.80),
    Floor("all", "ece", 0.07, at_most=True),
    Floor("all", "verbatim", 1.0),
    Floor("cross", "refused_unanswerable", 0.95),
)


def missed(rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A line for each floor that a measured row misses; rows that were not measured are not judged."""
    return [
        f"{floor} (is {rows[floor.row][floor.column]:.3f})"
        for floor in FLOORS
        if floor.row in rows and not floor.is_met(rows[floor.row][floor.column])
    ]
