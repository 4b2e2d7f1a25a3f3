"""Settings → Backends: the one place where a deployment's parts are chosen and opened."""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import make_url

from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobStore
from aivastark.backends.blobs.disk import INCOMING, DiskBlobs
from aivastark.backends.broadcast.base import Broadcast
from aivastark.backends.broadcast.local import LocalBroadcast
from aivastark.backends.embedding.base import Embedder, EmbeddingFailed
from aivastark.backends.embedding.others import OtherModels
from aivastark.backends.google import Google
from aivastark.backends.llm.base import LanguageModel
from aivastark.backends.mail.base import MailSender
from aivastark.backends.mail.outbox import OutboxMail
from aivastark.backends.mail.smtp import SmtpMail
from aivastark.backends.reranking import Reranker
from aivastark.backends.search.base import SearchEngine
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.database import Database, is_sqlite
from aivastark.fetching import Fetcher
from aivastark.kit.money import Budget, Price, from_dollars, price_of
from aivastark.migrations.migrate import migrate
from aivastark.settings import PACKAGED_MODELS, Settings
from aivastark.sources.extract.recognition import find_recognition
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.sources.known_models import SAMPLE, find_model, is_the_same, note_model

log = structlog.get_logger()

SECRET_KEY_FILE = "secret.key"
OUTBOX_FOLDER = "outbox"
TASKS_END_WITHIN_S = 10.0


@asynccontextmanager
async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
    """Everything the settings ask for, open; closed again when the block ends."""
    data_dir = settings.data_dir.absolute()
    url = await asyncio.to_thread(prepare, settings)
    async with AsyncExitStack() as stack:
        db = Database(url, direct_url=direct_url(settings))
        stack.push_async_callback(db.close)
        embedder = choose_embedder(settings)
        stack.push_async_callback(embedder.close)
        others = OtherModels(partial(find_embedder, settings, db))
        stack.push_async_callback(others.close)
        search = choose_search(url, data_dir, direct_url=db.direct_url)
        stack.push_async_callback(search.close)
        broadcast = choose_broadcast(direct_url(settings))
        stack.push_async_callback(broadcast.close)
        fetcher = Fetcher(allow_private_networks=settings.allow_private_networks)
        stack.push_async_callback(fetcher.close)
        reranker = choose_reranker(settings)
        if reranker is not None:
            stack.push_async_callback(reranker.close)
        llm = choose_llm(settings)
        if llm is not None:
            stack.push_async_callback(llm.close)
        # The first run of a model is its slowest; no visitor should wait for it.
        await _warm_up(settings, db, embedder)
        backends = Backends(
            db=db,
            search=search,
            embedder=embedder,
            other_models=others,
            reranker=reranker,
            blobs=choose_blobs(settings),
            fetcher=fetcher,
            broadcast=broadcast,
            mail=choose_mail(settings),
            secret_key=secret_key(settings),
            github_api_url=settings.github_api_url,
            google=google_of(settings),
            llm=llm,
            llm_max_tokens=settings.llm_max_tokens,
            llm_price=highest_price(settings),
            llm_budget=default_budget(settings),
        )
        stack.push_async_callback(_end_tasks, backends)
        yield backends


def prepare(settings: Settings) -> str:
    """The data directory and the newest tables are there afterwards; gives the database's URL."""
    settings.data_dir.absolute().mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate(direct_url(settings))
    return database_url(settings)


async def _warm_up(settings: Settings, db: Database, embedder: Embedder) -> None:
    try:
        sample = await embedder.embed_query(SAMPLE)
    except EmbeddingFailed as failure:  # words find something too, and it may come back
        log.warning("question_not_embedded", code=failure.code, reason=failure.message)
        return
    if settings.embedding_url is not None:
        await note_model(
            db,
            embedder.model_id,
            model=settings.embedding_model,
            query_prefix=settings.embedding_query_prefix,
            passage_prefix=settings.embedding_passage_prefix,
            sample=sample,
        )


async def _end_tasks(backends: Backends) -> None:
    """Let answers that nobody waits for end before what they stand on is closed."""
    if backends.tasks:
        _, late = await asyncio.wait(backends.tasks, timeout=TASKS_END_WITHIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def choose_embedder(settings: Settings) -> Embedder:
    """The embedding model that is set."""
    if settings.embedding_url is not None:
        return _at_endpoint(
            settings, settings.embedding_model, settings.embedding_query_prefix, settings.embedding_passage_prefix
        )
    return packaged(settings.embedding_model)


def packaged(name: str) -> Embedder:
    """A model that comes with the package; heavy libraries are imported by the one that is chosen."""
    match name:
        case "minilm":
            from aivastark.backends.embedding.minilm import MiniLm

            return MiniLm()
        case "hashing":
            from aivastark.backends.embedding.hashing import Hashing

            return Hashing()
        case unknown:
            raise ValueError(f"no packaged model is called {unknown}")


async def find_embedder(settings: Settings, db: Database, model_id: str) -> Embedder | None:
    """A model that was set before, if it can still be asked: a packaged one, or one at the endpoint that is set now."""
    known = await find_model(db, model_id)
    if known is None:
        for name in PACKAGED_MODELS:
            if (embedder := packaged(name)).model_id == model_id:
                return embedder
            await embedder.close()
        return None
    if settings.embedding_url is None:
        return None
    endpoint = _at_endpoint(settings, known.model, known.query_prefix, known.passage_prefix)
    if await is_the_same(endpoint, known):
        return endpoint
    await endpoint.close()
    return None


def _at_endpoint(settings: Settings, model: str, query_prefix: str, passage_prefix: str) -> Embedder:
    from aivastark.backends.embedding.openai_compatible import EmbeddingEndpoint

    assert settings.embedding_url is not None  # asked by both who call this
    key = settings.embedding_api_key
    return EmbeddingEndpoint(
        settings.embedding_url,
        model=model,
        api_key=key.get_secret_value() if key else None,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
    )


def choose_reranker(settings: Settings) -> Reranker | None:
    """The reranking model; None when none is set."""
    if settings.rerank_url is None or settings.rerank_model is None:
        return None
    key = settings.rerank_api_key
    return Reranker(settings.rerank_url, model=settings.rerank_model, api_key=key.get_secret_value() if key else None)


def choose_llm(settings: Settings) -> LanguageModel | None:
    """The language model with its retries and its fallback; None when none is set."""
    models = language_models(settings)
    if not models:
        return None
    from aivastark.backends.llm.fallback import WithFallback

    return WithFallback(models)


def language_models(settings: Settings) -> list[LanguageModel]:
    """Each endpoint that is set, by itself, in the order they are asked. Nothing is sent to any."""
    named = (
        (settings.llm_url, settings.llm_model, settings.llm_api_key),
        (settings.llm_fallback_url, settings.llm_fallback_model, settings.llm_fallback_api_key),
    )
    models: list[LanguageModel] = []
    for (url, model, key), price in zip(named, prices(settings), strict=True):
        if url is not None and model is not None:
            from aivastark.backends.llm.openai_compatible import OpenAiCompatible

            api_key = key.get_secret_value() if key else None
            models.append(
                OpenAiCompatible(url, model=model, api_key=api_key, timeout_s=settings.llm_timeout_s, price=price)
            )
    return models


def prices(settings: Settings) -> tuple[Price, Price]:
    """What tokens cost at the first endpoint, and at the second."""
    return (
        price_of(settings.llm_input_price, settings.llm_output_price),
        price_of(settings.llm_fallback_input_price, settings.llm_fallback_output_price),
    )


def highest_price(settings: Settings) -> Price:
    """What tokens cost at most, whichever endpoint answers."""
    first, second = prices(settings)
    return Price(input=max(first.input, second.input), output=max(first.output, second.output))


def default_budget(settings: Settings) -> Budget:
    """What a project may spend in a day that does not say so itself."""
    cost = settings.llm_cost_per_day
    return Budget(tokens=settings.llm_tokens_per_day, cost=None if cost is None else from_dollars(cost))


def metrics_token(settings: Settings) -> str | None:
    """What a reader of `/metrics` sends; None: it is for this machine alone."""
    return None if settings.metrics_token is None else settings.metrics_token.get_secret_value()


def choose_mail(settings: Settings) -> MailSender:
    """A mail server where one is set, else files in the data directory."""
    if settings.smtp_url is not None:
        return SmtpMail(settings.smtp_url.get_secret_value(), sender=settings.mail_from)
    return OutboxMail(settings.data_dir.absolute() / OUTBOX_FOLDER, sender=settings.mail_from)


def google_of(settings: Settings) -> Google:
    """Where Google is, and this install's client there."""
    secret = settings.google_client_secret
    return Google(
        api_url=settings.google_api_url,
        token_url=settings.google_token_url,
        authorize_url=settings.google_authorize_url,
        revoke_url=settings.google_revoke_url,
        scope=settings.google_scope,
        client_id=settings.google_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
    )


def choose_sandbox(settings: Settings) -> ExtractionSandbox:
    """Where documents are read, with text recognition where it is wanted and installed."""
    languages = tuple(settings.ocr_languages.split("+")) if settings.ocr_languages else ()
    return ExtractionSandbox(recognition=find_recognition(enabled=settings.ocr == "auto", languages=languages))


def choose_search(database_url: str, data_dir: Path, *, direct_url: str | None = None) -> SearchEngine:
    """Search beside the records: in PostgreSQL (`direct_url`: past a pooler), or in files of the data directory."""
    match make_url(database_url).get_backend_name():
        case "postgresql":
            from aivastark.backends.search.postgres import PostgresSearch

            return PostgresSearch(database_url, direct_url=direct_url)
        case _:
            return SqliteSearch(data_dir / "search")


def choose_blobs(settings: Settings) -> BlobStore:
    """Uploads in the data directory, or in a bucket where one is named."""
    folder = settings.data_dir.absolute() / "blobs"
    if settings.blobs_url is None:
        return DiskBlobs(folder)
    from aivastark.backends.blobs.s3 import S3Blobs

    bucket, _, prefix = settings.blobs_url.removeprefix("s3://").partition("/")
    key, secret = settings.blobs_access_key_id, settings.blobs_secret_access_key
    return S3Blobs(
        bucket,
        prefix=prefix.rstrip("/") or None,
        endpoint=settings.blobs_endpoint,
        region=settings.blobs_region,
        access_key_id=None if key is None else key.get_secret_value(),
        secret_access_key=None if secret is None else secret.get_secret_value(),
        spool=folder / INCOMING,
    )


def choose_broadcast(url: str) -> Broadcast:
    """How processes tell each other what happened; on SQLite, where they are on one machine, they look."""
    if is_sqlite(url):
        return LocalBroadcast()
    from aivastark.backends.broadcast.postgres import PostgresBroadcast

    return PostgresBroadcast(url)


def database_url(settings: Settings) -> str:
    """Where the records are: the setting with the driver we use, or SQLite in the data directory."""
    if settings.database_url is None:
        return f"sqlite:///{settings.data_dir.absolute() / 'aivastark.db'}"
    return _with_our_driver(settings.database_url)


def direct_url(settings: Settings) -> str:
    """The same database where sessions can be kept and tables made: past the pooler, where one is set."""
    url = settings.database_direct_url
    return database_url(settings) if url is None else _with_our_driver(url)


def _with_our_driver(url: str) -> str:
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def secret_key(settings: Settings) -> bytes:
    """The install's own secret: the setting, or one made at first start and kept beside the data."""
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    path = settings.data_dir.absolute() / SECRET_KEY_FILE
    if not path.exists():
        write_once(path, secrets.token_bytes(32))
    return path.read_bytes()


def write_once(path: Path, content: bytes) -> None:
    """Whole or not at all, and the first of two processes wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
