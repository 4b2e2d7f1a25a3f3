"""HTTP for the reliability of confidence: the curve, a refit on demand, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from aivastark.analytics.endpoints import Reading, Since, Until, Writing, period_of, period_out
from aivastark.analytics.refit import keep_map, refit_project
from aivastark.analytics.reliability import curve, graded, shipped
from aivastark.analytics.reliability_schemas import ConfidenceMapOut, ReliabilityOut

MODEL_MAX_CHARS = 200

router = APIRouter(prefix="/v1/projects/{project_id}/analytics/reliability", tags=["Analytics"])

Model = Annotated[
    str | None,
    Query(max_length=MODEL_MAX_CHARS, description="Only answers of this `model`: `extractive` or a model's name."),
]


@router.get("", operation_id="getReliability", summary="Whether confidence keeps its word")
async def get_reliability(
    here: Reading, since: Since = None, until: Until = None, model: Model = None
) -> ReliabilityOut:
    """Answers that people judged, by the confidence they were told with; beside it the same of the public sets."""
    period = period_of(since, until)
    judged = await here.backends.db.read(lambda session: graded(session, here.project_id, period=period, model=model))
    return ReliabilityOut.model_validate(
        {
            "period": period_out(period),
            **curve(judged),
            "map": here.project.confidence_map,
            "shipped": shipped(),
        }
    )


@router.post("/refit", operation_id="refitConfidence", summary="Fit confidence to the project's own answers")
async def refit(here: Writing) -> ConfidenceMapOut:
    """On all answers that were judged; used from now on if it says more about those it was not fitted on."""
    return ConfidenceMapOut.model_validate(await refit_project(here.backends.db, here.project_id))


@router.delete("/refit", status_code=204, operation_id="resetConfidence", summary="Back to the shipped confidence")
async def reset(here: Writing) -> Response:
    """Until the next refit, which a new grade brings within a day."""
    await keep_map(here.backends.db, here.project_id, None)
    return Response(status_code=204)
