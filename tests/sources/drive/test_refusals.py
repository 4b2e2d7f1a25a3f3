"""What Google refuses ends as a code and a sentence that names the way out; what passes is waited for."""

from collections.abc import Callable

import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.sources.connectors.drive import DriveConnector
from aivastark.sources.google import drive_api
from tests.loopback import page, serving
from tests.origins.drive import BOT, Drive
from tests.origins.google_json import error
from tests.origins.google_oauth import refused
from tests.sources.drive.conftest import Mirror
from tests.sources.drive.test_listing import handbook

MirrorOf = Callable[[str], Mirror]
OFTEN = "User Rate Limit Exceeded. Rate of requests for user exceed configured project quota."


async def failure_of(mirror: Mirror) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await mirror.sync()
    assert caught.value.message.endswith(".")
    return caught.value


async def test_an_access_token_that_ran_out_is_renewed_once_for_all_who_wait(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    for number in range(6):
        drive.file(f"Page {number}.md", b"# A page", root)
    drive.before("alt=media", drive.oauth.let_access_run_out)

    mirror = await mirror_of(root).sync()

    assert len(mirror.titles) == 9
    assert mirror.failed == {}
    assert len([request for request in drive.site.requests if request.path == "/token"]) == 2


async def test_a_token_that_will_run_out_in_a_moment_is_not_used(drive: Drive, mirror_of: MirrorOf) -> None:
    drive.oauth.expires_in = 30
    id_ = drive.file("a.md", b"# A", shared_with={BOT})

    await mirror_of(id_).sync()

    assert len([request for request in drive.site.requests if request.path == "/token"]) == 2


async def test_credentials_that_are_refused_twice_are_refused_for_good(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    drive.trouble("/drive/v3/", error(401, "authError", "Invalid Credentials"), times=2)

    failure = await failure_of(mirror_of(root))

    assert (failure.code, failure.retryable) == ("credentials_rejected", False)
    assert BOT in failure.message


async def test_a_key_that_google_does_not_know_is_refused_with_a_way_out(drive: Drive, mirror_of: MirrorOf) -> None:
    mirror = mirror_of(handbook(drive))
    drive.oauth.service_account(BOT)  # another key: the one before is deleted

    failure = await failure_of(mirror)

    assert (failure.code, failure.retryable) == ("credentials_rejected", False)
    assert "Make a new key" in failure.message


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "words"),
    [
        (error(403, "accessNotConfigured", "Drive API has not been used"), "api_disabled", False, "Enable it there"),
        (error(403, "insufficientPermissions", "Insufficient Permission"), "credentials_rejected", False, "Connect it"),
        (error(403, "dailyLimitExceeded", "Daily Limit Exceeded"), "rate_limited", True, "used up"),
        (error(403, "userRateLimitExceeded", OFTEN, Retry_After="3600"), "rate_limited", True, "later"),
        (error(429, "rateLimitExceeded", OFTEN, Retry_After="120"), "rate_limited", True, "later"),
        (error(503, "backendError", "Backend Error", Retry_After="60"), "upstream_error", True, "HTTP 503"),
        (error(400, "invalid", "Invalid Value"), "http_error", False, "HTTP 400"),
        ((403, {}, b"<html>"), "forbidden", False, "Allow"),
        ((418, {}, b'{"error": []}'), "http_error", False, "HTTP 418"),
    ],
)
async def test_what_is_refused_for_all_files_fails_the_sync(
    drive: Drive, mirror_of: MirrorOf, answer: tuple[int, dict[str, str], bytes], code: str, retryable: bool, words: str
) -> None:
    root = handbook(drive)
    drive.trouble("in parents", answer, times=9)

    failure = await failure_of(mirror_of(root))

    assert (failure.code, failure.retryable) == (code, retryable)
    assert words in failure.message
    if retryable:
        assert failure.retry_after is not None
        assert drive.called("in parents") == 0


async def test_a_short_wait_is_waited(drive: Drive, mirror_of: MirrorOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_api, "WAITS_SECONDS", (0.01, 0.01, 0.01))
    root = handbook(drive)
    drive.trouble("in parents", error(429, "rateLimitExceeded", OFTEN, Retry_After="1"))
    drive.trouble("alt=media", error(403, "userRateLimitExceeded", OFTEN), times=2)
    drive.trouble("startPageToken", error(503, "backendError", "Backend Error"))

    mirror = await mirror_of(root).sync()

    assert len(mirror.titles) == 3
    assert mirror.failed == {}


async def test_a_limit_in_the_middle_ends_the_sync_and_loses_nothing(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    mirror = mirror_of(root)
    drive.trouble("alt=media", error(403, "rateLimitExceeded", OFTEN, Retry_After="300"))

    failure = await failure_of(mirror)
    await mirror.sync()

    assert (failure.code, failure.retryable, failure.retry_after) == ("rate_limited", True, 300.0)
    assert len(mirror.titles) == 3


async def test_a_folder_nobody_shared_says_with_whom_to_share_it(drive: Drive, mirror_of: MirrorOf) -> None:
    failure = await failure_of(mirror_of(drive.folder("Private")))

    assert (failure.code, failure.retryable) == ("not_shared", False)
    assert f"Share it with {BOT}" in failure.message


async def test_a_folder_in_the_bin_is_told(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    mirror = await mirror_of(root).sync()
    drive.bin(root)

    failure = await failure_of(mirror)

    assert failure.code == "gone"
    assert "Handbook" in failure.message


async def test_an_outage_of_drive_is_no_failure_of_every_file(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Many", shared_with={BOT})
    for number in range(20):
        drive.file(f"Page {number:02}.md", b"# A page", root)
    drive.trouble("alt=media", error(503, "backendError", "Backend Error", Retry_After="30"), times=99)

    failure = await failure_of(mirror_of(root))

    assert (failure.code, failure.retryable) == ("upstream_error", True)
    assert drive.called("alt=media") == 0


@pytest.mark.parametrize("answer", [(500, {}, b""), (429, {"Retry-After": "30"}, b"{}"), (200, {}, b"<html>")])
async def test_a_token_endpoint_that_is_away_is_asked_again_later(
    drive: Drive, mirror_of: MirrorOf, answer: tuple[int, dict[str, str], bytes]
) -> None:
    root = handbook(drive)
    drive.trouble("/token", answer)

    failure = await failure_of(mirror_of(root))

    assert failure.retryable
    assert failure.code in ("upstream_error", "rate_limited")


async def test_a_client_that_google_refuses_is_the_operators_affair(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    drive.trouble("/token", refused(401, "deleted_client", "The OAuth client was deleted."))

    failure = await failure_of(mirror_of(root))

    assert (failure.code, failure.retryable) == ("credentials_rejected", False)


async def test_the_guard_stands_before_drive_as_before_any_other_server(drive: Drive, mirror_of: MirrorOf) -> None:
    mirror = mirror_of(handbook(drive))
    fetcher = Fetcher()  # as it is by default: loopback is not the internet
    here = mirror.connector
    mirror.connector = DriveConnector(fetcher, here._google, here._accounts)

    failure = await failure_of(mirror)
    await fetcher.close()

    assert failure.code == "blocked_address"
    assert drive.site.requests == []


async def test_a_redirect_of_drives_leads_no_further_than_the_guard_and_takes_no_token_along(
    drive: Drive, mirror_of: MirrorOf
) -> None:
    id_ = drive.file("a.md", b"# A", shared_with={BOT})
    async with serving({"/stolen": page(200, b"# Stolen")}) as elsewhere:
        drive.trouble("alt=media", (302, {"Location": elsewhere.url("/stolen")}, b""))

        await mirror_of(id_).sync()

        [request] = elsewhere.requests
    assert "authorization" not in request.headers
