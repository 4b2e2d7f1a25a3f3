"""Projects themselves."""

from dataclasses import replace

from tests.make import Body, read
from tests.moving.archives import an_empty_project
from tests.routes.organizations import ADMINISTRATOR, OWNER
from tests.routes.route import PROJECT_KEY, Customer, Ids, Route

PROJECT: Body = {"name": "Acme support", "thresholds": {"answer": 0.5}, "languages": ["en", "de"]}

ANY_KEY = replace(PROJECT_KEY, short=lambda route: {})
NO_KEY_REACHES = "a key to one project"  # another project is not there for it
DELETER = replace(
    OWNER, short=lambda route: {lack: one for lack, one in OWNER.short(route).items() if lack != NO_KEY_REACHES}
)


async def make_spare_project(customer: Customer) -> Ids:
    posted = await customer.organization.post("/v1/projects", PROJECT)
    assert posted.status_code == 201, posted.text
    return {"spare_project_id": read(posted)["id"]}


OBJECTS = {"spare_project_id": make_spare_project}

ROUTES = {
    "exportProject": Route(media_type="application/octet-stream"),
    "importProject": Route(
        caller=ADMINISTRATOR,
        write=True,
        files={"file": ("bot.tar.gz", an_empty_project(), "application/gzip")},
        status=201,
        beyond_schema="an archive is what an export wrote",
    ),
    "createProject": Route(
        caller=ADMINISTRATOR, write=True, body=PROJECT, status=201, beyond_schema="a time zone is one there is"
    ),
    "listProjects": Route(caller=ANY_KEY),
    "getProject": Route(caller=ANY_KEY),
    "updateProject": Route(
        write=True, body={"tone": "friendly", "handoff": None}, beyond_schema="a time zone is one there is"
    ),
    "updateProject: as a merge patch": Route(
        write=True, body={"tone": None}, headers={"Content-Type": "application/merge-patch+json"}
    ),
    "deleteProject": Route(
        caller=DELETER,
        write=True,
        objects={"project_id": "spare_project_id"},
        spares=True,
        status=204,
        media_type=None,
    ),
}
