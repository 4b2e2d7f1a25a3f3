"""A bot whose answers a language model writes at a price, for tests of what that takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.kit.money import in_dollars, price_of
from tests.conftest import Settle
from tests.make import Body, Client, Tenant, calling, read

KNOWN = (
    "You can return any item within 30 days of delivery. The item must be unused and in its original packaging. "
    "We refund the price within five working days after the parcel has arrived."
)
QUESTION = "Within how many days can I return an item?"
HONEST = "You can return any item within 30 days of delivery. [1]"
WROTE = len(HONEST) // 4
PRICE = price_of(Decimal("0.15"), Decimal("0.6"))
MAX_TOKENS = 400  # of an answer of medium length


@asynccontextmanager
async def asking(install: Backends, tenant: Tenant, settle: Settle) -> AsyncIterator[Client]:
    """A project that knows the shop's rules."""
    async with calling(create_app(install), tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        await client.add(text=KNOWN, title="Returns")
        await settle()
        yield client


async def budget_of(bot: Client) -> Body:
    told: Body = read(await bot.get("usage"))["budget"]
    return told


async def totals_of(bot: Client) -> Body:
    told: Body = read(await bot.get("usage"))["totals"]
    return told


def taking(input_tokens: int, output_tokens: int) -> Body:
    cost = in_dollars(PRICE.of(input_tokens, output_tokens))
    return {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost": cost}
