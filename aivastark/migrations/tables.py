"""All tables in one place: importing this module makes them known to `Base.metadata`."""

from sqlalchemy import MetaData

from aivastark import events, jobs
from aivastark.accounts import metering
from aivastark.accounts import models as accounts
from aivastark.answers import models as answers
from aivastark.conversations import models as conversations
from aivastark.database import Base
from aivastark.projects import models as projects
from aivastark.sources import models as sources
from aivastark.webhooks import models as webhooks

MODULES = (accounts, metering, projects, sources, conversations, answers, webhooks, events, jobs)


def metadata() -> MetaData:
    """What the database should look like at head."""
    return Base.metadata
