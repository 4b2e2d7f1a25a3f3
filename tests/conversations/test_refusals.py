"""What the routes of conversations refuse: bad input, bodies that are not JSON, keys that may not."""

import pytest

from aivastark.backends.base import Backends
from tests.make import Body, Client, assert_error, make_key


@pytest.fixture
async def conversation(api: Client) -> str:
    return str((await api.ask("Who painted the Sistine Chapel?", session_id="a"))["conversation_id"])


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("PATCH", "", {"status": "asleep"}, "status"),
        ("PATCH", "", {"status": None}, "status"),
        ("PATCH", "", {"subject": "Other"}, "subject"),
        ("PATCH", "", {"tags": ["x" * 65]}, "tags.0"),
        ("PATCH", "", {"tags": ["x"] * 51}, "tags"),
        ("PATCH", "", {"assignee": "a\nb"}, "assignee"),
        ("POST", "/messages", {"content": "  "}, "content"),
        ("POST", "/messages", {"content": "x" * 8_001}, "content"),
        ("POST", "/messages", {"content": "Hello", "role": "assistant"}, "role"),
        ("POST", "/escalate", {"reason": "boredom"}, "reason"),
        ("POST", "/close", {"resolution": "forgotten"}, "resolution"),
    ],
)
async def test_bad_input_names_its_field(
    api: Client, conversation: str, method: str, path: str, body: Body, param: str
) -> None:
    at = api.at(f"conversations/{conversation}{path}")

    assert_error(await api.http.request(method, at, json=body), 422, "invalid_request", param=param)


async def test_a_body_that_is_not_json_is_refused(api: Client, conversation: str) -> None:
    at = api.at(f"conversations/{conversation}/escalate")
    form = await api.http.post(
        at, content="reason=agent", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    merge = await api.http.patch(
        api.at(f"conversations/{conversation}"),
        content='{"tags": ["a"]}',
        headers={"Content-Type": "application/merge-patch+json"},
    )

    assert_error(form, 415, "unsupported_media_type")
    assert merge.status_code == 200


async def test_a_key_that_may_only_read_changes_nothing(api: Client, backends: Backends, conversation: str) -> None:
    _, reading = await make_key(backends.db, api.tenant, "conversations:read")
    _, other = await make_key(backends.db, api.tenant, "query", "sources")
    at = f"{api.tenant.base}/conversations/{conversation}"

    for key, paths in ((reading, ()), (other, (conversation, "export", "events"))):
        headers = {"Authorization": f"Bearer {key}"}
        tries = [
            await api.http.patch(at, json={"tags": ["x"]}, headers=headers),
            await api.http.delete(at, headers=headers),
            *[
                await api.http.post(f"{at}/{action}", json=body, headers=headers)
                for action, body in (
                    ("messages", {"content": "Hello"}),
                    ("escalate", {"reason": "agent"}),
                    ("handback", None),
                    ("close", None),
                    ("typing", None),
                )
            ],
            *[await api.http.get(api.at(f"conversations/{path}"), headers=headers) for path in paths],
        ]
        for refused in tries:
            assert_error(refused, 403, "permission_denied")
