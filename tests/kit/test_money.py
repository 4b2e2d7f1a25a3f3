"""Money is exact: whole numbers in, the same dollars out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.kit.money import Price, from_dollars, in_dollars, price_of

PRICES = st.decimals(min_value=0, max_value=1_000, places=6)
TOKENS = st.integers(0, 10_000_000)


@given(reads=PRICES, writes=PRICES, calls=st.lists(st.tuples(TOKENS, TOKENS), max_size=20))
def test_the_sum_of_many_calls_is_what_their_tokens_cost_together(
    reads: Decimal, writes: Decimal, calls: list[tuple[int, int]]
) -> None:
    price = price_of(reads, writes)

    total = sum(price.of(read, wrote) for read, wrote in calls)

    read, wrote = sum(call[0] for call in calls), sum(call[1] for call in calls)
    assert Decimal(in_dollars(total)) == (reads * read + writes * wrote) / 1_000_000


@given(st.integers(0, 2**60))
def test_an_amount_comes_back_from_its_dollars(amount: int) -> None:
    assert from_dollars(in_dollars(amount)) == amount
    assert "E" not in in_dollars(amount)


@pytest.mark.parametrize(
    ("amount", "told"), [(0, "0"), (1, "0.000000000001"), (10**12, "1"), (250 * 10**10, "2.5"), (10**14, "100")]
)
def test_dollars_have_neither_exponents_nor_needless_zeros(amount: int, told: str) -> None:
    assert in_dollars(amount) == told


def test_a_price_is_for_a_million_tokens() -> None:
    assert price_of(Decimal("0.15"), Decimal("0.6")) == Price(input=150_000, output=600_000)
