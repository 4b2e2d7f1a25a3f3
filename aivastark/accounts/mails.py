"""Mail to people: what it says, queued with the act it belongs to, sent by a job.

The message waits in the job's row, sealed, since it holds a link that opens something.
"""

import base64
from datetime import timedelta

import orjson
import structlog

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.backends.mail.base import Mail, MailFailed
from aivastark.database import Database, WriteSession
from aivastark.jobs import ATTEMPTS_MAX, INSTALL, Job
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.seal import Unsealable, seal, unseal

SEND_MAIL = "send_mail"
AGAIN_AFTER_S = (30.0, 120.0, 600.0, 3_600.0, 14_400.0)
SUBJECT_MAX_CHARS = 200
_PURPOSE = "mail"

log = structlog.get_logger()


def queue_mail(session: WriteSession, secret_key: bytes, *, to: str, subject: str, lines: tuple[str, ...]) -> None:
    """Ask for a message to be sent once this transaction is committed; `lines` are its paragraphs."""
    mail_id = new_id("mail")
    content = {
        "id": mail_id,
        "to": to,
        "subject": " ".join(subject.split())[:SUBJECT_MAX_CHARS],
        "text": "\n\n".join(lines) + "\n",
    }
    sealed = seal(secret_key, _PURPOSE, mail_id, orjson.dumps(content).decode())
    arguments = {"mail_id": mail_id, "sealed": base64.b64encode(sealed).decode()}
    jobs.enqueue_new(session, INSTALL, SEND_MAIL, f"mail:{mail_id}", arguments=arguments)


async def send_queued(backends: Backends, job: Job) -> None:
    """Send one message. Sent twice at worst, when the process dies between sending and saying so."""
    try:
        sealed = base64.b64decode(str(job.arguments["sealed"]))
        content = orjson.loads(unseal(backends.secret_key, _PURPOSE, str(job.arguments["mail_id"]), sealed))
    except Unsealable:
        log.error("a mail was queued under another secret key; it is dropped", job=job.subject)
        await backends.db.write(lambda session: jobs.finish(session, job))
        return
    try:
        await backends.mail.send(Mail(**content))
    except MailFailed as failure:
        log.warning("mail not sent", job=job.subject, reason=failure.message, retryable=failure.retryable)
        await mail_failed(backends.db, job, not failure.retryable or job.attempts >= ATTEMPTS_MAX)
        return
    await backends.db.write(lambda session: jobs.finish(session, job))


async def mail_failed(db: Database, job: Job, given_up: bool) -> None:
    """Another try, each time later; what is given up is in the log."""
    if given_up:
        log.error("mail given up", job=job.subject)
        await db.write(lambda session: jobs.finish(session, job))
        return
    wait_s = AGAIN_AFTER_S[min(job.attempts, len(AGAIN_AFTER_S)) - 1]
    await db.write(lambda session: jobs.postpone(session, job, run_at=utc_now() + timedelta(seconds=wait_s)))
