"""The mail port: every adapter hands a message on whole, and says when it could not and whether to try again."""

import asyncio
import contextlib
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as SmtpProtocol
from aiosmtpd.smtp import AuthResult, Envelope, Session

from aivastark.backends.mail.base import Mail, MailFailed, MailSender
from aivastark.backends.mail.outbox import OutboxMail
from aivastark.backends.mail.smtp import SmtpMail
from aivastark.kit.smtp_url import read_smtp_url

SENDER = "Aivastark <bot@aivastark.test>"
Received = Callable[[], Awaitable[list[EmailMessage]]]

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


class Postbox:
    """What a real server took in. Refuses whom a test says."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.users: list[str] = []
        self.encrypted: list[bool] = []

    async def handle_RCPT(
        self, server: SmtpProtocol, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("later"):
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SmtpProtocol, session: Session, envelope: Envelope) -> str:
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server: object, session: object, envelope: object, mechanism: str, login: Any) -> AuthResult:
        right = (login.login, login.password) == (b"bot", b"p@ss:word")
        if right:
            self.users.append(login.login.decode())
        return AuthResult(success=right)


@contextlib.asynccontextmanager
async def serving(
    postbox: Postbox, *, hostname: str = "127.0.0.1", ssl_context: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """A real SMTP server on loopback; its port."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SmtpProtocol(postbox, hostname="aivastark.test", **options), hostname, 0, ssl=ssl_context
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture(params=["outbox", "smtp"])
async def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[MailSender, Received]]:
    if request.param == "outbox":
        folder = tmp_path / "outbox"

        async def written() -> list[EmailMessage]:
            read = (path.read_bytes() for path in sorted(folder.glob("*.eml")))
            found = [email.message_from_bytes(content, policy=email.policy.default) for content in read]
            return [message for message in found if isinstance(message, EmailMessage)]

        yield OutboxMail(folder, sender=SENDER), written
        return
    postbox = Postbox()

    async def received() -> list[EmailMessage]:
        return postbox.messages

    async with serving(postbox) as port:
        yield SmtpMail(f"smtp://127.0.0.1:{port}", sender=SENDER), received


def mail(**fields: str) -> Mail:
    return Mail(**{"id": "mail_1", "to": "anna@acme.example", "subject": "Hello", "text": "A line.\n", **fields})


async def test_a_message_arrives_as_it_was_written(adapter: tuple[MailSender, Received]) -> None:
    sender, received = adapter
    text = "Grüße, 你好.\n\nA link:\nhttps://support.example.com/x?token=" + "t" * 200 + "\n.\nEnd\n"

    await sender.send(mail(subject="Grüße an Anna 你好", text=text))

    [message] = await received()
    assert message["To"] == "anna@acme.example"
    assert message["From"] == SENDER
    assert message["Subject"] == "Grüße an Anna 你好"
    assert message["Message-ID"] == "<mail_1@aivastark.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Hello\r\nBcc: eve@evil.example"},
        {"to": "anna@acme.example\r\nBcc: eve@evil.example"},
    ],
)
async def test_a_header_cannot_be_smuggled_in(adapter: tuple[MailSender, Received], wrong: dict[str, str]) -> None:
    sender, received = adapter

    with pytest.raises(MailFailed) as failure:
        await sender.send(mail(**wrong))

    assert failure.value.retryable is False
    assert await received() == []


async def test_the_same_message_again_leaves_one_file_in_the_outbox(tmp_path: Path) -> None:
    sender = OutboxMail(tmp_path / "outbox", sender=SENDER)

    for _ in range(2):
        await sender.send(mail())

    assert [path.name for path in (tmp_path / "outbox").iterdir()] == ["mail_1.eml"]


async def test_an_outbox_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")

    with pytest.raises(MailFailed) as failure:
        await OutboxMail(tmp_path / "outbox", sender=SENDER).send(mail())

    assert failure.value.retryable is True


async def test_starttls_is_used_where_it_is_offered(tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    postbox = Postbox()
    async with serving(postbox, tls_context=tls, require_starttls=True, authenticator=postbox.authenticate) as port:
        sender = SmtpMail(f"smtp://bot:p%40ss%3Aword@127.0.0.1:{port}", sender=SENDER, trust=trust)
        await sender.send(mail())

    assert (len(postbox.messages), postbox.users, postbox.encrypted) == (1, ["bot"], [True])


async def test_smtps_is_encrypted_from_the_start(tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    postbox = Postbox()
    async with serving(postbox, ssl_context=tls) as port:
        await SmtpMail(f"smtps://127.0.0.1:{port}", sender=SENDER, trust=trust).send(mail())

    assert len(postbox.messages) == 1


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tls: ssl.SSLContext) -> None:
    postbox = Postbox()
    async with serving(postbox, tls_context=tls) as port:
        with pytest.raises(MailFailed) as failure:
            await SmtpMail(f"smtp://127.0.0.1:{port}", sender=SENDER).send(mail())

    assert failure.value.retryable is True
    assert postbox.messages == []


async def test_a_password_does_not_travel_in_clear_to_another_machine() -> None:
    postbox = Postbox()
    options: dict[str, Any] = {
        "auth_require_tls": False,
        "auth_exclude_mechanism": {"LOGIN"},
        "authenticator": postbox.authenticate,
    }
    async with serving(postbox, hostname="127.0.0.2", **options) as port:
        with pytest.raises(MailFailed, match="in clear"):
            await SmtpMail(f"smtp://bot:p%40ss%3Aword@127.0.0.2:{port}", sender=SENDER).send(mail())
    async with serving(postbox, **options) as port:
        await SmtpMail(f"smtp://bot:p%40ss%3Aword@127.0.0.1:{port}", sender=SENDER).send(mail())
        with pytest.raises(MailFailed) as wrong:
            await SmtpMail(f"smtp://bot:wrong@127.0.0.1:{port}", sender=SENDER).send(mail())

    assert postbox.users == ["bot"]
    assert "wrong" not in wrong.value.message


@pytest.mark.parametrize(("to", "retryable"), [("nobody@acme.example", False), ("later@acme.example", True)])
async def test_a_refused_address_says_whether_to_try_again(to: str, retryable: bool) -> None:
    async with serving(Postbox()) as port:
        with pytest.raises(MailFailed) as failure:
            await SmtpMail(f"smtp://127.0.0.1:{port}", sender=SENDER).send(mail(to=to))

    assert failure.value.retryable is retryable


async def test_a_server_that_is_away_is_tried_again() -> None:
    async with serving(Postbox()) as port:
        pass

    with pytest.raises(MailFailed) as failure:
        await SmtpMail(f"smtp://127.0.0.1:{port}", sender=SENDER).send(mail())

    assert failure.value.retryable is True


@pytest.mark.parametrize(
    "url",
    ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:99999", "smtp://h/path", "smtp://h?tls=no"],
)
def test_what_is_no_mail_server_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 (what it does not say is tested)
        read_smtp_url(url.replace("//", "//user:secret-word@", 1))

    assert "secret-word" not in str(wrong.value)
