"""The mail port: one plain-text message to one address.

MailFailed   it was not accepted; `retryable` says whether a later try may help
"""

import email.utils
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

LINE_MAX_CHARS = 900  # RFC 5322 allows 998


class MailFailed(Exception):
    """The message was not accepted. `message` is for the operator's log and names no secret."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One message. `id` is the same at every try, so that a receiver can tell a repeated one."""

    id: str
    to: str
    subject: str
    text: str


class MailSender(Protocol):
    """Hands messages on. What was accepted is out of our hands; what was not raises."""

    async def send(self, mail: Mail) -> None:
        """Hand one message on. Raises `MailFailed`."""
        ...


def written(mail: Mail, *, sender: str) -> EmailMessage:
    """The message with its headers. Raises `MailFailed` for an address or subject that cannot be one."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
    except (ValueError, IndexError) as error:  # a line break in a header, or an address the standard cannot read
        raise MailFailed(f"The message {mail.id} has a header that cannot be sent.", retryable=False) from error
    message["Date"] = email.utils.localtime()
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.text, cte="7bit" if _is_plain(mail.text) else "quoted-printable")
    return message


def _is_plain(text: str) -> bool:
    """Whether it may go as it is: then a link can be read, and clicked, in the file itself."""
    return text.isascii() and max(map(len, text.splitlines()), default=0) <= LINE_MAX_CHARS
