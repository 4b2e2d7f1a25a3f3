"""Sources at GitHub, over HTTP, against a GitHub of our own (`tests/origins/github.py`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import JobRow
from aivastark.kit.clock import utc_now
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, published, read
from tests.origins.github import GitHub, github, refused

HANDBOOK: dict[str, Any] = {
    "README.md": b"# Handbook\n\nEverything about the shop.",
    "docs/returns.md": b"# Returns\n\nReturns are free within 30 days.",
    "docs/hours.rst": b"Opening hours\n=============\n\nThe shop is open from **nine to five**.\n",
    "docs/build/parts.md": b"# Parts\n\nA kit has seven parts.",
    "src/shop.py": b"def price(): return 5\n",
    "node_modules/left/README.md": b"# Left\n\nSomebody else's words.",
    "LICENSE.md": b"# Licence\n\nAll rights reserved.",
}


@pytest.fixture
async def hub() -> AsyncIterator[GitHub]:
    async with github() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, hub: GitHub) -> Settings:
    return settings.model_copy(update={"github_api_url": hub.url})


async def add(api: Client, settle: Settle, **fields: Any) -> Body:
    """Post a source and give what became of it."""
    posted = await api.post("sources", {"type": "github", "repository": "acme/handbook", **fields})
    assert posted.status_code in (200, 202), posted.text
    await settle()
    return await api.source(read(posted)["id"])


async def sync(api: Client, settle: Settle, source: Body) -> Body:
    assert (await api.post(f"sources/{source['id']}/sync")).status_code == 202
    await settle()
    return await api.source(source["id"])


async def documents(api: Client, source: Body) -> dict[str, Body]:
    """By locator."""
    listed = read(await api.get(f"sources/{source['id']}/documents", limit=100))["data"]
    return {document["locator"]: document for document in listed}


# --- what may be posted


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({}, "repository", "source.repository is required for type=github"),
        ({"repository": "handbook"}, "repository", "not owner/name"),
        ({"repository": "acme/../secret"}, "repository", "not owner/name"),
        ({"repository": "acme/.."}, "repository", "not owner/name"),
        ({"repository": "acme/hand book"}, "repository", "not owner/name"),
        ({"repository": "acme/a?x=1"}, "repository", "not owner/name"),
        ({"repository": "https://gitlab.example/acme/a"}, "repository", "send source.base_url"),
        ({"repository": "https://github.com/acme/a/tree/main"}, "repository", "not owner/name"),
        ({"repository": "acme/a", "ref": "a..b"}, "ref", "branch, a tag or a commit"),
        ({"repository": "acme/a", "ref": "-x"}, "ref", "branch, a tag or a commit"),
        ({"repository": "acme/a", "path": "docs/../.."}, "path", "path of a folder or a file"),
        ({"repository": "acme/a", "path": "a\nb"}, "path", "path of a folder or a file"),
        ({"repository": "acme/a", "include": ["*"] * 51}, "include", "at most 50 items"),
        ({"repository": "acme/a", "exclude": ["a" * 201]}, "exclude.0", "at most 200 characters"),
        ({"repository": "acme/a", "token": "secret\r\nX: y"}, "token", "characters that no token has"),
        ({"repository": "acme/a", "base_url": "ftp://git.example"}, "base_url", "not a web address"),
        ({"repository": "acme/a", "base_url": "https://git.example/api?x"}, "base_url", "has a query"),
        ({"repository": "acme/a", "url": "https://a.example"}, "url", "does not go with type=github"),
        ({"repository": "acme/a", "text": "a"}, "text", "does not go with type=github"),
    ],
)
async def test_what_is_wrong_is_named(api: Client, fields: Body, param: str, message: str) -> None:
    response = await api.post("sources", {"type": "github", **fields})

    assert message in assert_error(response, 422, "invalid_request", param=param)
    assert "secret\r\n" not in response.text


@pytest.mark.parametrize("name", ["repository", "ref", "path", "token", "base_url"])
async def test_its_fields_go_with_no_other_type(api: Client, name: str) -> None:
    response = await api.post("sources", {"type": "raw", "text": "Words.", name: "acme/a"})

    assert_error(response, 422, "invalid_request", param=name)


async def test_the_same_repository_and_path_is_the_same_source(api: Client, settle: Settle, hub: GitHub) -> None:
    hub.repository("acme/handbook", HANDBOOK)
    first = await add(api, settle)

    again = await add(api, settle, repository="https://github.com/Acme/Handbook.git", tags=["docs"])
    part = await add(api, settle, path="/docs/")

    assert (again["id"], again["tags"], again["version"]) == (first["id"], ["docs"], 1)
    assert part["id"] != first["id"]
    assert (first["locator"], part["locator"]) == ("acme/handbook", "acme/handbook/docs")


# --- taking in


async def test_a_repository_becomes_knowledge(api: Client, settle: Settle, hub: GitHub) -> None:
    repository = hub.repository("Acme/Handbook", HANDBOOK)

    source = await add(api, settle)
    held = await documents(api, source)
    answer = await api.ask("When is the shop open?")

    commit = repository.branches["main"]
    assert (source["status"], source["version"], source["error"]) == ("ready", 1, None)
    assert set(held) == {"README.md", "docs/returns.md", "docs/hours.rst", "docs/build/parts.md"}
    assert held["docs/hours.rst"]["url"] == f"https://github.com/Acme/Handbook/blob/{commit}/docs/hours.rst"
    assert held["docs/hours.rst"]["title"] == "Opening hours"
    assert "nine to five" in answer["citations"][0]["quote"]


async def test_only_what_was_asked_for_is_read(api: Client, settle: Settle, hub: GitHub) -> None:
    repository = hub.repository("acme/handbook", HANDBOOK)
    repository.push({"docs/old.md": b"# Old\n\nOld words."}, branch="v1")

    folder = await add(api, settle, path="docs", exclude=["**/build/**"])
    code = await add(api, settle, external_id="code", path="src", include=["*.py"])
    old = await add(api, settle, external_id="old", ref="v1", path="docs/old.md")

    assert set(await documents(api, folder)) == {"docs/returns.md", "docs/hours.rst"}
    assert (await documents(api, code))["src/shop.py"]["media_type"] == "text/x-source-code"
    assert set(await documents(api, old)) == {"docs/old.md"}


async def test_a_commit_seen_before_costs_one_call(
    api: Client, settle: Settle, hub: GitHub, backends: Backends
) -> None:
    hub.repository("acme/handbook", HANDBOOK)
    source = await add(api, settle)
    hub.calls.clear()

    after = await sync(api, settle, source)

    assert hub.calls == ["/repos/acme/handbook/commits/HEAD"]
    assert (after["status"], after["version"]) == ("ready", 1)
    assert len(await published(backends, api.tenant.project_id)) == 1


async def test_five_thousand_files_cost_four_calls(api: Client, settle: Settle, hub: GitHub) -> None:
    code: dict[str, Any] = {f"src/{number % 70:02}/{number}.c": b"int x%d;" % number for number in range(4_900)}
    pages: dict[str, Any] = {
        f"docs/{number}.md": f"# Door {number}\n\nThe password of door {number} is swordfish-{number}.".encode()
        for number in range(100)
    }
    hub.repository("acme/handbook", {**code, **pages})

    source = await add(api, settle)

    assert (source["status"], source["progress"]["documents_done"]) == ("ready", 100)
    assert len(hub.calls) == 4
    assert len(hub.downloads) == 1
    assert "swordfish-42" in (await api.ask("What is the password of door 42?"))["answer"]


async def test_an_enterprise_server_is_called_where_it_is(api: Client, settle: Settle, hub: GitHub) -> None:
    async with github("/api/v3") as own:
        token = own.token()
        own.repository("acme/handbook", HANDBOOK, readers={token})
        source = await add(api, settle, base_url=own.url, token=token)
        held = await documents(api, source)

    assert source["status"] == "ready", source["error"]
    assert source["locator"] == f"127.0.0.1:{own.api.port}/acme/handbook"
    assert held["README.md"]["url"].startswith(own.api.url("/acme/handbook/blob/"))
    assert hub.calls == []


# --- tokens


async def test_a_private_repository_opens_with_its_token(api: Client, settle: Settle, hub: GitHub) -> None:
    token = hub.token()
    hub.repository("acme/handbook", HANDBOOK | {f"docs/{n}.md": b"# Page" for n in range(30)}, readers={token})

    refused_ = await add(api, settle)
    opened = await add(api, settle, token=token)

    assert (refused_["status"], refused_["error"]["code"]) == ("failed", "not_found")
    assert "private and needs a token" in refused_["error"]["message"]
    assert (opened["id"], opened["status"]) == (refused_["id"], "ready")
    assert token not in (await api.get(f"sources/{opened['id']}")).text
    assert all(call.headers["authorization"] == f"Bearer {token}" for call in hub.api.requests[-4:])
    assert len(hub.downloads) == 1
    assert "authorization" not in hub.downloads[0].headers


async def test_a_revoked_token_leaves_what_was_published(api: Client, settle: Settle, hub: GitHub) -> None:
    token = hub.token()
    repository = hub.repository("acme/handbook", HANDBOOK, readers={token})
    source = await add(api, settle, token=token)
    hub.tokens.discard(token)

    failed = await sync(api, settle, source)
    answer = await api.ask("Are returns free?")
    fresh = hub.token()
    repository.readers = {fresh}
    mended = await add(api, settle, token=fresh)

    assert (failed["error"]["code"], failed["error"]["retryable"]) == ("credentials_rejected", False)
    assert failed["error"]["next_retry_at"] is None
    assert "30 days" in answer["citations"][0]["quote"]
    assert (mended["id"], mended["status"], mended["error"]) == (source["id"], "ready", None)


async def test_a_kept_token_goes_nowhere_else(api: Client, settle: Settle, hub: GitHub) -> None:
    token = hub.token()
    hub.repository("acme/handbook", HANDBOOK, readers={token})
    hub.repository("acme/payroll", HANDBOOK, readers={token})
    source = await add(api, settle, token=token, external_id="kb")

    async with github() as thief:
        thief.repository("acme/handbook", HANDBOOK)
        moved = await add(api, settle, external_id="kb", base_url=thief.url)
        heard = [request.headers.get("authorization") for request in thief.api.requests]
    other = await add(api, settle, external_id="kb", repository="acme/payroll")

    assert moved["id"] == other["id"] == source["id"]
    assert heard
    assert set(heard) == {None}
    assert (other["status"], other["error"]["code"]) == ("failed", "not_found")


# --- refusals


async def test_a_spent_limit_is_waited_for_as_often_as_it_takes(
    api: Client, settle: Settle, hub: GitHub, backends: Backends
) -> None:
    hub.repository("acme/handbook", HANDBOOK)
    hub.limit_without_token = 2

    failed = await add(api, settle)
    wait = datetime.fromisoformat(failed["error"]["next_retry_at"]) - utc_now()
    for _ in range(7):
        await backends.db.write(_make_jobs_due)
        await settle()
    still = await api.source(failed["id"])
    hub.renew()
    hub.limit_without_token = 60
    await backends.db.write(_make_jobs_due)
    await settle()
    source = await api.source(failed["id"])

    assert (failed["error"]["code"], failed["error"]["retryable"]) == ("rate_limited", True)
    assert 3_500 < wait.total_seconds() < 3_610
    assert still["error"]["next_retry_at"] is not None
    assert source["status"] == "ready"


def _make_jobs_due(session: WriteSession) -> None:
    session.execute(update(JobRow).values(run_at=utc_now()))


@pytest.mark.parametrize(
    ("status", "message", "headers", "code", "retryable", "words"),
    [
        (403, "You have exceeded a secondary rate limit.", {"Retry_After": "30"}, "rate_limited", True, "1 min"),
        (403, "You have exceeded a secondary rate limit.", {}, "rate_limited", True, "1 min"),
        (429, "Too many requests", {"Retry_After": "120"}, "rate_limited", True, "2 min"),
        (403, "Resource protected by organization SAML enforcement.", {}, "forbidden", False, "SAML"),
        (451, "Repository access blocked", {}, "forbidden", False, "legal reasons"),
        (500, "Server Error", {}, "upstream_error", True, "HTTP 500"),
        (200, "not a commit", {}, "http_error", False, "Check the base_url"),
    ],
)
async def test_a_refusal_says_what_it_means(
    api: Client,
    settle: Settle,
    hub: GitHub,
    status: int,
    message: str,
    headers: dict[str, str],
    code: str,
    retryable: bool,
    words: str,
) -> None:
    hub.repository("acme/handbook", HANDBOOK)
    hub.troubles.append(("/commits/", refused(status, message, **headers)))

    source = await add(api, settle)

    assert (source["status"], source["error"]["code"], source["error"]["retryable"]) == ("failed", code, retryable)
    assert words in source["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"repository": "acme/nothing"}, "not_found", "knows no repository acme/nothing"),
        ({"repository": "acme/empty"}, "repository_empty", "has no commit yet"),
        ({"ref": "gone"}, "not_found", "no branch, tag or commit gone"),
        ({"path": "docs/missing"}, "not_found", "There is no docs/missing in acme/handbook"),
        ({"path": "README.md/more"}, "not_found", "There is no README.md/more in acme/handbook"),
    ],
)
async def test_what_is_not_there_is_named(
    api: Client, settle: Settle, hub: GitHub, fields: Body, code: str, words: str
) -> None:
    hub.repository("acme/handbook", HANDBOOK)
    hub.repository("acme/empty")

    source = await add(api, settle, **fields)

    assert (source["status"], source["error"]["code"], source["error"]["retryable"]) == ("failed", code, False)
    assert words in source["error"]["message"]
