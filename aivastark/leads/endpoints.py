"""HTTP for leads: list, look, post, change, erase, export; and erasing a conversation, which a lead may point to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from aivastark.accounts.conditions import Changing, Showing
from aivastark.accounts.kept_answers import forget_answers
from aivastark.conversations.endpoints import aware
from aivastark.conversations.live import announce
from aivastark.database import WriteSession
from aivastark.kit.etags import etag_of
from aivastark.kit.moments import SentMoment
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.leads.capture import Contact, capture_lead
from aivastark.leads.export import LeadFormat, export_leads
from aivastark.leads.models import Lead
from aivastark.leads.schemas import (
    LeadIn,
    LeadList,
    LeadOut,
    LeadPatch,
    LeadStage,
    LeadTrigger,
    consent_fields,
    lead_out,
)
from aivastark.leads.store import (
    LeadFilters,
    change_lead,
    erase_conversation_and_link,
    erase_lead,
    find_lead,
    list_leads,
)
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after

EXPORTED = {
    "text/csv": {"example": "id,name,email\r\nlead_01HW…,A visitor,visitor@example.com\r\n"},
    "application/jsonl": {"example": '{"id":"lead_01HW…","name":"A visitor","email":"visitor@example.com"}\n'},
}

router = APIRouter(prefix="/v1/projects/{project_id}", tags=["Leads"])

Reading = Annotated[Here, Depends(in_project("leads"))]
Writing = Annotated[Here, Depends(in_project("leads", write=True))]
Erasing = Annotated[Here, Depends(in_project("conversations", write=True))]
LeadId = Annotated[str, Path(description="The lead's id, `lead_…`.", max_length=64)]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]


def _filters(
    stage: LeadStage | None = None,
    trigger: LeadTrigger | None = None,
    since: Annotated[SentMoment | None, Query(alias="from", description="Captured at or after.")] = None,
    until: Annotated[SentMoment | None, Query(alias="to", description="Captured before.")] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=200, description="Part of name, e-mail or phone.")] = None,
) -> LeadFilters:
    return LeadFilters(stage=stage, trigger=trigger, since=aware(since), until=aware(until), q=q)


Filtered = Annotated[LeadFilters, Depends(_filters)]


@router.post("/leads", status_code=201, operation_id="createLead", summary="Add a lead")
async def create(here: Writing, body: LeadIn, response: Response) -> LeadOut:
    """Contact details from wherever. One whose e-mail is known is kept as well, with `duplicate_of`."""
    contact = Contact(
        name=body.name,
        email=body.email,
        phone=body.phone,
        fields=body.fields,
        consent=consent_fields(body.consent),
        page_url=body.page_url,
    )
    lead = await here.backends.db.write(
        lambda session: capture_lead(
            session,
            here.project_id,
            contact,
            trigger=body.trigger,
            conversation_id=body.conversation_id,
            stage=body.stage,
        )
    )
    here.backends.work_waiting.set()  # there is an event to deliver
    if lead.conversation_id is not None:
        announce(here.backends.broadcast, here.project_id, lead.conversation_id)
    response.headers["Location"] = f"/v1/projects/{here.project_id}/leads/{lead.id}"
    return lead_out(lead)


@router.get("/leads", operation_id="listLeads", summary="List leads")
async def index(
    here: Reading,
    filters: Filtered,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS)] = None,
) -> LeadList:
    """Newest first, duplicates too."""
    bound: dict[str, object] = {name: getattr(filters, name) for name in LeadFilters.__dataclass_fields__}
    after = position_after(here, "leads", bound, cursor)
    rows = await here.backends.db.read(
        lambda session: list_leads(
            session, here.project_id, filters=filters, limit=limit, after=after[0] if after else None
        )
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return LeadList(
        data=[lead_out(row) for row in rows],
        next_cursor=cursor_for(here, "leads", bound, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get(
    "/leads/export",
    operation_id="exportLeads",
    summary="Export leads",
    response_class=StreamingResponse,
    responses={200: {"content": EXPORTED, "description": "A row or line at a time."}},
)
async def export(
    here: Reading, filters: Filtered, format: Annotated[LeadFormat, Query(description="Of the file.")] = "csv"
) -> StreamingResponse:
    """All that the filters leave, newest first. Cells that a spreadsheet would run begin with an apostrophe."""
    by = [name for name in LeadFilters.__dataclass_fields__ if getattr(filters, name) is not None]
    await here.backends.db.write(
        lambda session: here.note(session, "leads.exported", here.project_id, format=format, filtered_by=by)
    )
    return StreamingResponse(
        export_leads(here.backends.db, here.project_id, filters=filters, format_=format),
        media_type="text/csv; charset=utf-8" if format == "csv" else "application/jsonl",
        headers={"Content-Disposition": f'attachment; filename="leads.{format}"'},
    )


@router.get("/leads/{lead_id}", operation_id="getLead", summary="Look at a lead")
async def show(here: Reading, lead_id: LeadId, conditions: Showing) -> LeadOut:
    """One lead."""
    lead = await here.backends.db.read(lambda session: find_lead(session, here.project_id, lead_id))
    conditions.show(_state_of(lead))
    return lead_out(lead)


@router.patch("/leads/{lead_id}", operation_id="updateLead", summary="Change a lead")
async def update(here: Writing, lead_id: LeadId, body: LeadPatch, conditions: Changing) -> LeadOut:
    """JSON merge patch: what is absent stays, `null` clears. Another e-mail is compared with the others anew."""
    changes = body.changes()

    def change(session: WriteSession) -> Lead:
        conditions.require(_state_of(find_lead(session, here.project_id, lead_id)))
        return change_lead(session, here.project_id, lead_id, changes)

    lead = await here.backends.db.write(change)
    conditions.tag(_state_of(lead))
    return lead_out(lead)


@router.delete("/leads/{lead_id}", status_code=204, operation_id="deleteLead", summary="Erase a lead")
async def delete(here: Writing, lead_id: LeadId) -> Response:
    """Gone from the records, from its conversation, and from the events that told of it."""

    def work(session: WriteSession) -> None:
        erase_lead(session, here.project_id, lead_id)
        _forget(here, session, "lead.erased", lead_id)

    await here.backends.db.write(work)
    return Response(status_code=204)


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    operation_id="deleteConversation",
    summary="Erase a conversation",
    tags=["Conversations"],
)
async def erase(here: Erasing, conversation_id: ConversationId) -> Response:
    """Messages and citations go, and what events repeat of them. A lead from it stays: erase that by its own id."""

    def work(session: WriteSession) -> None:
        erase_conversation_and_link(session, here.project_id, conversation_id)
        _forget(here, session, "conversation.erased", conversation_id)

    await here.backends.db.write(work)
    announce(here.backends.broadcast, here.project_id, conversation_id)
    return Response(status_code=204)


def _forget(here: Here, session: WriteSession, action: str, target: str) -> None:
    """Which of the answers kept for an `Idempotency-Key` hold words of it is not known, so all lose theirs."""
    forget_answers(session, here.project_id, here.principal.organization_id)
    here.note(session, action, target)


def _state_of(lead: Lead) -> str:
    return etag_of(lead.updated_at, lead.conversation_id or "", lead.duplicate_of or "")
