"""All tables in one place: importing this module makes them known to `Base.metadata`."""

from sqlalchemy import MetaData

from aivastark import events, jobs
from aivastark.accounts import metering
from aivastark.accounts import models as accounts
from aivastark.accounts import people_models as people
from aivastark.answer_tests import models as answer_tests
from aivastark.answers import models as answers
from aivastark.conversations import models as conversations
from aivastark.database import Base
from aivastark.leads import models as leads
from aivastark.projects import models as projects
from aivastark.projects import spending
from aivastark.sources import account_models as connected_accounts
from aivastark.sources import embedding_models
from aivastark.sources import models as sources
from aivastark.webhooks import models as webhooks
from aivastark.widgets import models as widgets

MODULES = (
    accounts,
    metering,
    people,
    projects,
    spending,
    sources,
    connected_accounts,
    embedding_models,
    conversations,
    leads,
    answers,
    answer_tests,
    webhooks,
    widgets,
    events,
    jobs,
)


def metadata() -> MetaData:
    """What the database should look like at head."""
    return Base.metadata
