"""A Python client for the HTTP API: `Aivastark` blocks, `AsyncAivastark` awaits; both retry, page, raise typed errors.

It imports nothing of the server, so a program that only asks stays small.
"""

from aivastark.client.asynchronous import AsyncAivastark
from aivastark.client.blocking import Aivastark
from aivastark.client.errors import (
    AivastarkError,
    ApiError,
    Conflict,
    ConnectionFailed,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerFailed,
    StillWorking,
    Unauthenticated,
    UnexpectedAnswer,
)
from aivastark.client.events import Answered, Cited, Done, Start, StreamEvent, Token
from aivastark.client.shapes import (
    Answer,
    ChangedDocument,
    Citation,
    Conversation,
    Document,
    Found,
    Message,
    Page,
    Record,
    Source,
    SourceError,
    SourceFailure,
    SourceVersion,
)

__all__ = [
    "Aivastark",
    "AivastarkError",
    "Answer",
    "Answered",
    "ApiError",
    "AsyncAivastark",
    "ChangedDocument",
    "Citation",
    "Cited",
    "Conflict",
    "ConnectionFailed",
    "Conversation",
    "Document",
    "Done",
    "Found",
    "InvalidRequest",
    "Message",
    "NotFound",
    "Page",
    "PermissionDenied",
    "RateLimited",
    "Record",
    "ServerFailed",
    "Source",
    "SourceError",
    "SourceFailure",
    "SourceVersion",
    "Start",
    "StillWorking",
    "StreamEvent",
    "Token",
    "Unauthenticated",
    "UnexpectedAnswer",
]
