"""Money as whole numbers: a language model's token may cost a ten-millionth of a dollar, and sums must be exact.

The unit is the trillionth of a US dollar (10⁻¹²). A price of so many dollars for a million tokens, with up to six
decimals, is a whole number of these for one token.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

TRILLIONTHS: Final = 10**12
TOKENS_A_PRICE_IS_FOR: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What a token costs that a model reads or writes, in trillionths of a dollar."""

    input: int = 0
    output: int = 0

    def of(self, input_tokens: int, output_tokens: int) -> int:
        """What a call costs that took so many."""
        return self.input * input_tokens + self.output * output_tokens


FREE: Final = Price()


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What may be spent on language models on a UTC day; None = any amount. `cost` in trillionths of a dollar."""

    tokens: int | None = None
    cost: int | None = None


BOUNDLESS: Final = Budget()


def price_of(input_price: Decimal, output_price: Decimal) -> Price:
    """From dollars for a million tokens, each with at most six decimals."""
    return Price(
        input=from_dollars(input_price) // TOKENS_A_PRICE_IS_FOR,
        output=from_dollars(output_price) // TOKENS_A_PRICE_IS_FOR,
    )


def from_dollars(amount: Decimal | str) -> int:
    """Trillionths of a dollar; what is smaller is cut off."""
    return int(Decimal(amount) * TRILLIONTHS)


def in_dollars(amount: int) -> str:
    """Trillionths as dollars for people and programs: `"0.000105"`, without an exponent or needless zeros."""
    return f"{(Decimal(amount) / TRILLIONTHS).normalize():f}"
