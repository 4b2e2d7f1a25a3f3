"""Every knob of an installation: typed, documented, read once from environment or file."""

from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from aivastark.kit.smtp_url import read_smtp_url
from aivastark.kit.urls import canonical_url

Plan = Literal["starter", "growth", "enterprise"]
PACKAGED_MODELS = ("minilm", "hashing")
HTTP_ADDRESS = r"^https?://[^?#\s]+$"
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]
DollarsAMillion = Annotated[Decimal, Field(ge=0, le=1_000, decimal_places=6)]
POSTGRESQL = ("postgresql://", "postgresql+psycopg://", "postgres://")
DATABASES = (*POSTGRESQL, "sqlite:///")


class SettingsFileMissing(Exception):
    """The file that `AIVASTARK_CONFIG` names is not there: starting on defaults would be another install."""


class Settings(BaseSettings):
    """Read from `AIVASTARK_*` environment variables, then from the TOML file named by `AIVASTARK_CONFIG`."""

    model_config = SettingsConfigDict(
        env_prefix="AIVASTARK_",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # some are secrets
    )

    config: Path | None = Field(default=None, description="A TOML file with these settings in lower case.")
    data_dir: Path = Field(
        default=Path("aivastark-data"),
        description="The one directory that holds everything: database, search files, uploads, secret key.",
    )
    database_url: str | None = Field(
        default=None,
        description="`postgresql://…` keeps records and search there; unset means SQLite in the data directory.",
    )
    blobs_url: str | None = Field(
        default=None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][\w.-]*)*/?$",
        description="Where uploads are kept: `s3://bucket` or `s3://bucket/prefix`; unset: in the data directory.",
    )
    blobs_endpoint: str | None = Field(
        default=None,
        pattern=HTTP_ADDRESS,
        description="The address of that S3-compatible store, such as `https://minio.example.com:9000`; unset: "
        "Amazon's own.",
    )
    blobs_region: str = Field(
        default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$", description="The region that its requests are signed for."
    )
    blobs_access_key_id: SecretStr | None = Field(
        default=None, description="The key to the bucket; unset: what Amazon gives the machine or the pod."
    )
    blobs_secret_access_key: SecretStr | None = Field(
        default=None, validate_default=True, description="Its secret; needed beside the key."
    )
    database_direct_url: str | None = Field(
        default=None,
        description="The same database past a pooler such as PgBouncer; unset: `AIVASTARK_DATABASE_URL` leads to it.",
    )
    secret_key: str | None = Field(
        default=None,
        min_length=32,
        description="Signs cursors and seals webhook secrets; unset means one is made at first start and kept in the "
        "data directory.",
    )
    embedding_url: str | None = Field(
        default=None,
        description="An embedding model's OpenAI-compatible endpoint, such as `http://localhost:11434/v1`; unset: a "
        "packaged model.",
    )
    embedding_model: str = Field(
        default="minilm",
        min_length=1,
        max_length=200,
        validate_default=True,
        description="`minilm` is the packaged model, `hashing` needs none and is for tests; with an endpoint, the "
        "model there.",
    )
    embedding_api_key: SecretStr | None = Field(
        default=None, description="The key to that endpoint; unset: none is sent."
    )
    embedding_query_prefix: str = Field(
        default="", max_length=200, description="What the model there wants before a question, such as `query: `."
    )
    embedding_passage_prefix: str = Field(
        default="", max_length=200, description="What it wants before a passage, such as `passage: `."
    )
    rerank_url: str | None = Field(
        default=None,
        description="A reranking model's endpoint in Cohere's form, such as `http://localhost:8000/v1`; unset: "
        "passages stay in the order in which they were found.",
    )
    rerank_model: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        validate_default=True,
        description="The model there, as the endpoint calls it.",
    )
    rerank_api_key: SecretStr | None = Field(default=None, description="The key to that endpoint; unset: none is sent.")
    default_plan: Plan = Field(default="enterprise", description="The plan new organisations start on.")
    rate_limit_per_minute: int | None = Field(
        default=None, ge=0, description="Overrides every plan's requests a minute; 0 switches limits off."
    )
    allow_private_networks: bool = Field(
        default=False,
        description="Opens private and loopback addresses, never metadata ones, to sources and webhooks.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="Host names this server answers to, as a JSON list; empty means any."
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#@\s]+/?$",
        description="Where people reach this install, for links in mails and cookies; unset means where it listens.",
    )
    sign_up: Literal["invited", "open"] = Field(
        default="invited",
        description="Who may make an account: those who were invited, or anybody (`open`), with an organisation.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="The mail server, `smtp://user:password@host:port` or `smtps://…`; unset: files in `outbox`.",
    )
    mail_from: str = Field(default="aivastark@localhost", description="The sender of mail to people.")
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^?#\s]+$",
        description="The OpenID Connect provider people may sign in with; its issuer address.",
    )
    oidc_client_id: str | None = Field(
        default=None, validate_default=True, description="This install's client id at that provider."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Its client secret; unset for a public client."
    )
    github_api_url: str = Field(
        default="https://api.github.com",
        pattern=HTTP_ADDRESS,
        description="Where GitHub's API is, for sources that name no other; an Enterprise Server's ends in `/api/v3`.",
    )
    google_client_id: str | None = Field(
        default=None, description="This install's OAuth client at Google, with which people connect their Drive."
    )
    google_client_secret: SecretStr | None = Field(default=None, description="Its client secret.")
    google_scope: str = Field(
        default="https://www.googleapis.com/auth/drive.file",
        pattern=r"^\S+$",
        description="What connected accounts allow: files chosen while connecting, or `…/auth/drive.readonly` for all.",
    )
    google_api_url: str = Field(
        default="https://www.googleapis.com", pattern=HTTP_ADDRESS, description="Where Google Drive's API is."
    )
    google_token_url: str = Field(
        default="https://oauth2.googleapis.com/token",
        pattern=HTTP_ADDRESS,
        description="Where Google gives out access tokens.",
    )
    google_authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth",
        pattern=HTTP_ADDRESS,
        description="Google's consent screen.",
    )
    google_revoke_url: str = Field(
        default="https://oauth2.googleapis.com/revoke",
        pattern=HTTP_ADDRESS,
        description="Where Google takes permissions back.",
    )
    llm_url: str | None = Field(
        default=None,
        description="A language model's OpenAI-compatible endpoint, such as `http://localhost:11434/v1`; unset: "
        "answers are the documents' own sentences.",
    )
    llm_model: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        validate_default=True,
        description="The model there, as the endpoint calls it.",
    )
    llm_api_key: SecretStr | None = Field(default=None, description="The key to that endpoint; unset: none is sent.")
    llm_timeout_s: float = Field(
        default=20.0, ge=1, le=300, description="The longest silence of a model before it is given up, in seconds."
    )
    llm_max_tokens: int = Field(default=700, ge=16, le=32_000, description="How long an answer may be, in tokens.")
    llm_fallback_url: str | None = Field(
        default=None, description="A second endpoint, asked when the first one fails before its first word."
    )
    llm_fallback_model: str | None = Field(
        default=None, min_length=1, max_length=200, validate_default=True, description="The model there."
    )
    llm_fallback_api_key: SecretStr | None = Field(default=None, description="The key to the second endpoint.")
    llm_input_price: DollarsAMillion = Field(
        default=Decimal(0), description="What a million tokens cost that the model reads, in US dollars."
    )
    llm_output_price: DollarsAMillion = Field(
        default=Decimal(0), description="What a million tokens cost that it writes, in US dollars."
    )
    llm_fallback_input_price: DollarsAMillion = Field(
        default=Decimal(0), description="The same of the second endpoint's model, for what it reads."
    )
    llm_fallback_output_price: DollarsAMillion = Field(default=Decimal(0), description="And for what it writes.")
    llm_tokens_per_day: int | None = Field(
        default=None,
        ge=0,
        description="How many tokens models may read and write for a project on a UTC day, unless the project says.",
    )
    llm_cost_per_day: Dollars | None = Field(
        default=None, description="What they may cost a project on a UTC day, in US dollars, unless the project says."
    )
    read_only: bool = Field(
        default=False, description="Serve what changes nothing and no worker: for the moments of a move."
    )
    max_upload_mb: int = Field(default=50, ge=1, le=2048, description="The largest body of a request, in MB.")
    ingest_concurrency: int = Field(
        default=4, ge=1, le=64, description="How many sources one worker takes in at the same time."
    )
    ocr: Literal["auto", "off"] = Field(
        default="auto",
        description="`auto` recognises text in scans and pictures where the program tesseract is installed.",
    )
    ocr_languages: str | None = Field(
        default=None,
        pattern=r"^\w+(\+\w+)*$",
        description="The languages of scans as tesseract names them, such as `deu+eng`; unset: up to four installed.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Whoever sends it as a bearer may read `/metrics`; unset: this machine alone, through no proxy.",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        pattern=HTTP_ADDRESS,
        description="OpenTelemetry's own variable: where traces go over OTLP/HTTP; unset: none are made.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log line that is written."
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_know(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(DATABASES):
            raise ValueError(f"a database's URL begins with one of {', '.join(DATABASES)}")
        return url

    @field_validator("blobs_url")
    @classmethod
    def _has_its_client(cls, url: str | None) -> str | None:
        if url is not None and find_spec("obstore") is None:
            raise ValueError("a store in S3 needs `pip install 'aivastark[s3]'`")
        return url

    @field_validator("blobs_secret_access_key")
    @classmethod
    def _goes_with_its_key(cls, secret: SecretStr | None, validation: ValidationInfo) -> SecretStr | None:
        key = "blobs_access_key_id"
        if key in validation.data and (secret is None) != (validation.data[key] is None):
            raise ValueError("AIVASTARK_BLOBS_ACCESS_KEY_ID and AIVASTARK_BLOBS_SECRET_ACCESS_KEY go together")
        return secret

    @field_validator("database_direct_url")
    @classmethod
    def _is_beside_a_pooler(cls, url: str | None, validation: ValidationInfo) -> str | None:
        if url is not None:
            if not url.startswith(POSTGRESQL):
                raise ValueError(f"it begins with one of {', '.join(POSTGRESQL)}")
            if not (validation.data.get("database_url") or "").startswith(POSTGRESQL):
                raise ValueError("it is the way past a pooler: AIVASTARK_DATABASE_URL is missing beside it")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_smtp_url(value.get_secret_value())
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _is_there_beside_an_issuer(cls, value: str | None, validation: ValidationInfo) -> str | None:
        if value is None and validation.data.get("oidc_issuer") is not None:
            raise ValueError("a client id is needed beside AIVASTARK_OIDC_ISSUER")
        return value

    @field_validator("embedding_model")
    @classmethod
    def _is_packaged_or_at_an_endpoint(cls, model: str, validation: ValidationInfo) -> str:
        packaged = model in PACKAGED_MODELS
        if "embedding_url" in validation.data and packaged != (validation.data["embedding_url"] is None):
            if packaged:
                raise ValueError("beside AIVASTARK_EMBEDDING_URL it is the model there, as the endpoint calls it")
            raise ValueError("one of minilm and hashing, or AIVASTARK_EMBEDDING_URL beside it")
        return model

    @field_validator("llm_url", "llm_fallback_url", "embedding_url", "rerank_url")
    @classmethod
    def _is_where_a_model_may_be(cls, url: str | None, validation: ValidationInfo) -> str | None:
        if url is not None:
            canonical_url(url)
            if validation.field_name == "llm_fallback_url" and validation.data.get("llm_url") is None:
                raise ValueError("a second endpoint is for when the first fails: set AIVASTARK_LLM_URL as well")
        return url

    @field_validator("llm_model", "llm_fallback_model", "rerank_model")
    @classmethod
    def _is_there_beside_an_endpoint(cls, model: str | None, validation: ValidationInfo) -> str | None:
        url_field = (validation.field_name or "").replace("_model", "_url")
        if url_field in validation.data and (model is None) != (validation.data[url_field] is None):
            name = f"AIVASTARK_{url_field.upper()}"
            raise ValueError(f"a model is needed beside {name}" if model is None else f"{name} is missing beside it")
        return model

    @field_validator(
        "llm_api_key",
        "llm_fallback_api_key",
        "embedding_api_key",
        "rerank_api_key",
        "blobs_access_key_id",
        "blobs_secret_access_key",
    )
    @classmethod
    def _fits_into_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None:
            return None
        bare = key.get_secret_value().strip()  # files that hold one often end with a line break
        if not bare.isascii() or not bare.isprintable() or not bare:
            raise ValueError("a key is made of printable ASCII characters")
        return SecretStr(bare)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed wins over the environment, which wins over the file."""
        path = env_settings().get("config")
        if path is None:
            return init_settings, env_settings
        if not Path(path).is_file():
            raise SettingsFileMissing(f"AIVASTARK_CONFIG: there is no file {path}")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(path))
