"""Mail by SMTP: `smtps://` with TLS from the start, `smtp://` with STARTTLS where the server offers it.

A password never travels in clear: without TLS it is sent to a server on this machine only.
"""

import asyncio
import smtplib
import ssl

from aivastark.backends.mail.base import Mail, MailFailed, written
from aivastark.kit.smtp_url import read_smtp_url

TIMEOUT_S = 15.0
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class SmtpMail:
    """Opens a connection for each message: mail is rare here, and a kept one would be closed on us."""

    def __init__(self, url: str, *, sender: str, trust: ssl.SSLContext | None = None) -> None:
        self._server = read_smtp_url(url)
        self._sender = sender
        # Named after the sender: looking up this machine's own name may take seconds, and tells it to strangers.
        self._own_name = sender.rpartition("@")[2].strip("> ") or "localhost"
        self._trust = trust or ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        """Hand one message to the server. Raises `MailFailed`."""
        message = written(mail, sender=self._sender)
        where = f"{self._server.host}:{self._server.port}"
        try:
            await asyncio.to_thread(self._deliver, message)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(answer[0] for answer in error.recipients.values())
            raise MailFailed(f"{where} refused the address of {mail.id} ({code}).", retryable=code < 500) from error
        except smtplib.SMTPAuthenticationError as error:
            # Somebody may be mending the password at this moment.
            raise MailFailed(f"{where} refused the user or the password.", retryable=True) from error
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            raise MailFailed(f"{where} refused {mail.id} ({code}).", retryable=not 500 <= code < 600) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailFailed(f"{where} did not take {mail.id}: {error}", retryable=True) from error

    def _deliver(self, message: object) -> None:
        server = self._server
        connection: smtplib.SMTP
        if server.tls:
            connection = smtplib.SMTP_SSL(
                server.host, server.port, self._own_name, timeout=TIMEOUT_S, context=self._trust
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, self._own_name, timeout=TIMEOUT_S)
        with connection:
            connection.ehlo()
            encrypted = server.tls
            if not encrypted and connection.has_extn("starttls"):
                connection.starttls(context=self._trust)
                connection.ehlo()
                encrypted = True
            if server.user is not None:
                if not encrypted and server.host not in LOCAL:
                    raise smtplib.SMTPException("it offers no TLS, and the password must not travel in clear")
                connection.login(server.user, server.password or "")
            connection.send_message(message)  # type: ignore[arg-type]  # typeshed wants the older Message
