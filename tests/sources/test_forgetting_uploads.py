"""Uploads that nobody needs any more go by a job, and never from under somebody who has just sent the same bytes."""

from sqlalchemy import select

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.jobs import Job, JobRow
from aivastark.sources.add import REMOVE
from aivastark.sources.models import Source
from aivastark.sources.remove import remove
from aivastark.sources.uploads import FORGET_UPLOAD, forget_upload
from tests.conftest import Settle
from tests.make import Client, assert_error

TEXT = "The shop is open from nine to five."


async def blob_of(backends: Backends, source_id: str) -> str:
    blob = await backends.db.read(lambda session: session.scalar(select(Source.blob).where(Source.id == source_id)))
    assert blob is not None
    return blob


async def claimed(backends: Backends, name: str) -> Job:
    job = await backends.db.write(lambda session: jobs.claim(session, names=[name]))
    assert job is not None
    return job


def names_of_jobs(session: ReadSession) -> set[str]:
    return set(session.scalars(select(JobRow.name)))


async def test_an_upload_goes_with_the_last_source_that_needs_it(
    api: Client, backends: Backends, settle: Settle
) -> None:
    source = await api.add(text=TEXT)
    blob = await blob_of(backends, source["id"])
    await settle()

    await api.delete(f"sources/{source['id']}")
    await settle()

    assert not await backends.blobs.exists(api.tenant.project_id, blob)
    assert FORGET_UPLOAD not in await backends.db.read(names_of_jobs)


async def test_bytes_that_are_sent_again_before_they_went_stay(api: Client, backends: Backends, settle: Settle) -> None:
    forgotten = await deleted(api, backends, settle)
    again = await api.add(text=TEXT)
    await settle()

    assert await blob_of(backends, again["id"]) == forgotten
    assert await backends.blobs.exists(api.tenant.project_id, forgotten)
    assert (await api.source(again["id"]))["status"] == "ready"


async def test_who_sends_bytes_that_a_worker_is_forgetting_is_not_told_that_they_are_kept(
    api: Client, backends: Backends, settle: Settle
) -> None:
    blob = await deleted(api, backends, settle)
    job = await claimed(backends, FORGET_UPLOAD)  # it may have looked already

    refused = await api.post("sources", {"type": "raw", "text": TEXT})
    await forget_upload(backends, job)
    accepted = await api.add(text=TEXT)
    await settle()

    assert_error(refused, 503, "unavailable")
    assert await backends.blobs.exists(api.tenant.project_id, blob)
    assert (await api.source(accepted["id"]))["status"] == "ready"


async def deleted(api: Client, backends: Backends, settle: Settle) -> str:
    """The key of an upload whose source is gone, and which waits to be forgotten."""
    source = await api.add(text=TEXT)
    blob = await blob_of(backends, source["id"])
    await settle()
    await api.delete(f"sources/{source['id']}")
    await remove(backends, await claimed(backends, REMOVE))
    assert FORGET_UPLOAD in await backends.db.read(names_of_jobs)
    return blob
