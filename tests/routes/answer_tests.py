"""Answer tests, their runs, and articles for gaps."""

from typing import Any

from tests.make import read
from tests.routes.route import MORE_THAN_SPACES, Customer, Ids, Route

TEST: dict[str, Any] = {"question": "When are you open?", "must_refuse": True}
SENSIBLE = "a test expects something, and a refusal stands alone"


async def make_answer_test(customer: Customer) -> Ids:
    return {"test_id": read(await customer.client.post("answer-tests", TEST))["id"]}


async def make_run(customer: Customer) -> Ids:
    await customer.client.post("answer-tests", TEST)
    return {"run_id": read(await customer.client.post("answer-tests/run"))["id"]}


async def make_replied_gap(customer: Customer) -> Ids:
    answer = await customer.client.ask("Which colour has the moon of Saturn?")
    at = f"conversations/{answer['conversation_id']}"
    await customer.client.post(f"{at}/escalate", {"reason": "agent"})
    await customer.client.post(f"{at}/messages", {"content": "It is grey."})
    return {"replied_gap_id": answer["id"].replace("msg_", "gap_")}


OBJECTS = {"test_id": make_answer_test, "run_id": make_run, "replied_gap_id": make_replied_gap}

ROUTES = {
    "createAnswerTest": Route(scope="sources", write=True, body=TEST, status=201, beyond_schema=SENSIBLE),
    "listAnswerTests": Route(scope="sources"),
    "getAnswerTest": Route(scope="sources"),
    "replaceAnswerTest": Route(scope="sources", write=True, body=TEST, beyond_schema=SENSIBLE),
    "deleteAnswerTest": Route(scope="sources", write=True, status=204, media_type=None),
    "runAnswerTests": Route(scope="sources", write=True, status=202),
    "listAnswerTestRuns": Route(scope="sources"),
    "getAnswerTestRun": Route(scope="sources"),
    "draftGapArticle": Route(scope="conversations", objects={"gap_id": "replied_gap_id"}),
    "publishGapArticle": Route(
        scope="sources",
        write=True,
        body={"title": "Moons", "text": "They are grey."},
        status=202,
        beyond_schema=MORE_THAN_SPACES,
    ),
}
