"""The dashboard as HTTP: its page, its files, its headers; and that they are what the sources give."""

import re
from pathlib import Path

import pytest

from aivastark.accounts.gate import Application
from tests.architecture.code import ROOT
from tests.make import assert_error, calling
from tests.web.build import build_dashboard
from tests.web.chromium import node, packages
from tests.web.dashboard_types import TYPES, write_types

BUILT = ROOT / "aivastark" / "web" / "dashboard"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_every_address_of_the_dashboard_answers_with_its_page_under_a_strict_policy(app: Application) -> None:
    async with calling(app, None) as http:
        pages = [await http.get(path, headers=HTML) for path in ("/", "/sign-in?token=x", "/projects/proj_1/knowledge")]
        etag = pages[0].headers["etag"]
        again = await http.get("/projects/proj_1/overview", headers={**HTML, "If-None-Match": etag})

    for page in pages:
        assert page.status_code == 200
        assert page.content == (BUILT / "index.html").read_bytes()
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "same-origin"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "frame-ancestors 'none'; base-uri 'none'; form-action 'self'" in policy
        assert "unsafe" not in policy
    assert again.status_code == 304


def test_nothing_in_the_page_is_inline() -> None:
    page = (BUILT / "index.html").read_text()

    assert re.findall(r"<script(?![^>]*src=)|<style|style=|\son\w+=", page) == []


async def test_files_are_kept_for_good_and_only_files_of_the_build_are_served(app: Application) -> None:
    async with calling(app, None) as http:
        for file in (BUILT / "assets").iterdir():
            answer = await http.get(f"/assets/{file.name}")
            assert answer.content == file.read_bytes()
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        for path in ("/assets/none.js", "/assets/..%2Findex.html", "/assets/none.html"):
            assert_error(await http.get(path, headers=HTML), 404, "not_found")


@pytest.mark.parametrize("path", ["/v2", "/anything"])
async def test_only_browsers_that_open_an_address_get_the_page(app: Application, path: str) -> None:
    async with calling(app, None) as http:
        assert_error(await http.get(path), 404, "not_found")
        assert_error(await http.post(path, headers=HTML), 404, "not_found")


async def test_it_shadows_nothing(app: Application) -> None:
    async with calling(app, None) as http:
        assert_error(await http.get("/v1/nothing", headers=HTML), 401, "unauthenticated")
        assert_error(await http.get("/widget/nothing", headers=HTML), 404, "not_found")
        assert (await http.get("/openapi.json", headers=HTML)).headers["content-type"] == "application/json"
        assert "swagger" in (await http.get("/docs", headers=HTML)).text.lower()
        assert (await http.get("/widget.js", headers=HTML)).headers["content-type"].startswith("text/javascript")


def test_what_is_committed_is_what_the_sources_give(tmp_path: Path) -> None:
    build_dashboard(tmp_path)

    built = {str(file.relative_to(tmp_path)): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert built == {str(file.relative_to(BUILT)): file.read_bytes() for file in BUILT.rglob("*") if file.is_file()}


def test_its_types_hold() -> None:
    node(str(packages() / "typescript" / "bin" / "tsc"), "--noEmit", "-p", "dashboard")


def test_the_types_of_the_api_are_those_of_the_api(tmp_path: Path) -> None:
    write_types(tmp_path / "schema.d.ts")

    assert (tmp_path / "schema.d.ts").read_text() == TYPES.read_text(), "run make web, and commit what it wrote"
