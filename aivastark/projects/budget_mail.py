"""A word to whoever runs the organisation, on the first call of a day that a project's budget had no room for."""

from aivastark.accounts.mails import queue_mail
from aivastark.accounts.organizations import list_members
from aivastark.database import WriteSession
from aivastark.projects.models import Project

RECIPIENTS_MAX = 20


def tell_administrators(session: WriteSession, secret_key: bytes, project: Project) -> None:
    """Queue one message for each owner and administrator."""
    for member, person in list_members(session, project.organization_id, limit=RECIPIENTS_MAX, after=None):
        if member.role in ("owner", "admin"):
            queue_mail(
                session,
                secret_key,
                to=person.email,
                subject=f"The language model's budget of {project.name} is used up for today",
                lines=(
                    f"Until midnight UTC, {project.name} answers in the words of its documents where its budget has no "
                    "room for another call to the language model. Nobody is left without an answer.",
                    "What was spent is under usage of the project; the budget is one of its settings.",
                ),
            )
