"""Full-text search over messages, alike on both databases."""

import pytest

from tests.make import Client, read


async def found(api: Client, q: str) -> list[str]:
    return [row["id"] for row in read(await api.get("conversations", q=q))["data"]]


@pytest.mark.parametrize(
    ("message", "q"),
    [
        ("Where is my kettle?", "KETTLE"),
        ("Where is my kettle?", "kettle where"),
        ("Where are my kettles?", "kettle"),
        ("My order is A-4711/b.", "4711"),
        ("My order is A-4711/b.", "A-4711"),
        ("I wrote to care@shop.example.com", "shop.example"),
        ("The setting max_upload_mb", "upload"),
        ("Где мой чайник?", "ЧАЙНИК"),
        ("Wo ist die Tür?", "tür"),
        ("我的水壶在哪里?", "水壶"),
        ("お湯が沸きません", "沸き"),
        ("Is it 100% sure?", "100%"),
        ("Is it 100% sure?", "%"),
        ('He said "yes" AND left', '"yes" AND'),
        ("O'Brien's order", "O'Brien's"),
    ],
)
async def test_a_message_is_found_by_its_words(api: Client, message: str, q: str) -> None:
    wanted = (await api.ask(message))["conversation_id"]
    await api.ask("Something else, with other letters")

    assert await found(api, q) == [wanted]


@pytest.mark.parametrize(
    "q", ["teapot", "kettle teapot", "ettle", "keys", "NOT kettle teapot", "'':*", "conv", "茶壶", "*", "_"]
)
async def test_what_is_not_said_is_not_found(api: Client, q: str) -> None:
    await api.ask("Where is my kettle?")

    assert await found(api, q) == []


async def test_words_of_people_are_found_too(api: Client) -> None:
    conversation = (await api.ask("Where is my kettle?"))["conversation_id"]
    await api.post(f"conversations/{conversation}/messages", {"content": "In the workshop in Leeds."})

    assert await found(api, "workshop leeds") == [conversation]
    assert await found(api, "kettle leeds") == []  # of different messages


async def test_another_projects_words_are_not_found(api: Client, stranger: Client) -> None:
    await stranger.ask("Where is my kettle?")

    assert await found(api, "kettle") == []
    assert await found(api, stranger.tenant.project_id) == []


async def test_what_was_erased_is_not_found(api: Client) -> None:
    gone = await api.ask("Where is my kettle?")
    kept = await api.ask("Where is the other kettle?")

    await api.delete(f"conversations/{gone['conversation_id']}")

    assert await found(api, "kettle") == [kept["conversation_id"]]
