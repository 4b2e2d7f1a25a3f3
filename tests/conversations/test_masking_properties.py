"""Whatever a visitor writes around whatever values: nothing of those is stored or told, and all of it comes back."""

import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.loopback import Site, page, serving
from tests.make import Body, Client, calling, make_tenant, read
from tests.projects.test_erasing import rows_with
from tests.webhooks.hooks import subscribe

MANY = settings(
    max_examples=int(os.environ.get("TEST_EXAMPLES", "60")) // 3,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = st.text(st.characters(categories=["L", "Zs", "So"], include_characters="!?;\n"), max_size=40)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
UNSEEN = ["\u200b", "\u2060", "\u00ad", "\u200e"]


def luhn_digit(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def iban_of(account: str) -> str:
    rest = int(f"{account}131400") % 97  # DE00 behind the account, as figures
    return f"DE{98 - rest:02}{account}"


def grouped(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=12)
EMAILS = st.builds(lambda name, host, top: f"{name}@{host}.{top}", NAMES, NAMES, st.sampled_from(["example", "com"]))
CARDS = st.from_regex(r"4[0-9]{14}", fullmatch=True).map(lambda digits: digits + luhn_digit(digits))
IBANS = st.from_regex(r"[1-9][0-9]{17}", fullmatch=True).map(iban_of)
PHONES = st.builds("+44 20 7946 0{:03}".format, st.integers(0, 999)) | st.builds(
    "+1 212 555 01{:02}".format, st.integers(0, 99)
)
IPS = st.builds("203.0.113.{}".format, st.integers(1, 254)) | st.builds(
    "2001:db8::{:x}:1".format, st.integers(1, 65535)
)


@st.composite
def spelled(draw: st.DrawFn) -> str:
    """A value as somebody may write it."""
    value = draw(EMAILS | CARDS | IBANS | PHONES | IPS)
    if value.isalnum() and draw(st.booleans()):
        value = grouped(value)
    if "@" not in value and ":" not in value:
        value = value.translate(draw(st.sampled_from([{}, FULL_WIDTH, ARABIC])))
    unseen = draw(st.sampled_from(["", *UNSEEN]))
    at = random.Random(value).randrange(1, len(value) - 1)
    return value[:at] + unseen + value[at:]


@dataclass(frozen=True, kw_only=True, slots=True)
class Masking:
    """A project that masks everything, one that masks nothing, and who is told of both."""

    on: Client
    off: Client
    backends: Backends
    site: Site
    settle: Settle


@pytest.fixture
async def masking(backends: Backends, settle: Settle) -> AsyncIterator[Masking]:
    one, other = await make_tenant(backends.db), await make_tenant(backends.db)
    app = create_app(backends, rate_limit_per_minute=0)
    async with (
        serving({"/": page(200, b"thank you")}) as site,
        calling(app, one.key) as on,
        calling(app, other.key) as off,
    ):
        masked = Client(http=on, tenant=one)
        await masked.patch("", {"privacy": {"mask": ["email", "phone", "card", "iban", "ip"]}})
        await subscribe(masked, site.url())
        yield Masking(on=masked, off=Client(http=off, tenant=other), backends=backends, site=site, settle=settle)


def message_of(parts: list[tuple[str, str]]) -> str:
    return "".join(f"{words} my {value} ; " for words, value in parts).strip()


@MANY
@given(parts=st.lists(st.tuples(WORDS, spelled()), min_size=1, max_size=4), again=st.booleans())
async def test_nothing_of_a_value_is_left_and_all_of_it_comes_back(
    masking: Masking, parts: list[tuple[str, str]], again: bool
) -> None:
    message = message_of(parts)
    values = [value for _, value in parts]
    answer = await masking.on.ask(message, metadata={"said": [message]})
    if again:
        await masking.on.ask(message, session_id=answer["session_id"])
    path = f"conversations/{answer['conversation_id']}"
    await masking.settle()

    told = [
        (await masking.on.get(path)).text,
        (await masking.on.get("conversations/export")).text,
        (await masking.on.get("analytics/gaps")).text,
        *(request.body.decode() for request in masking.site.requests),
    ]
    for value in values:
        assert not [text for text in told if value in text]
        assert await rows_with(masking.backends, value) == {}
    originals: list[Body] = read(await masking.on.get(f"{path}/masked-values"))["data"]
    said = [row["original"] for row in originals if row["field"] == "content"]
    assert said == [message] * (1 + again)
    assert [row["original"] for row in originals if row["field"] == "metadata"] == [{"said": [message]}]
    for row in originals:
        assert {part["value"] for part in row["values"]} == set(values)
    shown = [one["content"] for one in read(await masking.on.get(path))["messages"] if one["role"] == "user"]
    assert len(set(shown)) == 1
    restored = shown[0]
    for part in originals[-1]["values"]:
        restored = restored.replace(part["placeholder"], part["value"], 1)
    assert restored == message


@MANY
@given(parts=st.lists(st.tuples(WORDS, spelled()), min_size=1, max_size=2))
async def test_without_the_wish_nothing_changes(masking: Masking, parts: list[tuple[str, str]]) -> None:
    message = message_of(parts)

    answer = await masking.off.ask(message, metadata={"said": message})

    path = f"conversations/{answer['conversation_id']}"
    shown = read(await masking.off.get(path))
    assert (shown["messages"][0]["content"], shown["metadata"]) == (message, {"said": message})
    assert read(await masking.off.get(f"{path}/masked-values"))["data"] == []
