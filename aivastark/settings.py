"""Every knob of an installation: typed, documented, read once from environment or file."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

Plan = Literal["starter", "growth", "enterprise"]
DATABASES = ("postgresql://", "postgresql+psycopg://", "postgres://", "sqlite:///")


class Settings(BaseSettings):
    """Read from `AIVASTARK_*` environment variables, then from the TOML file named by `AIVASTARK_CONFIG`."""

    model_config = SettingsConfigDict(env_prefix="AIVASTARK_", extra="ignore", frozen=True)

    config: Path | None = Field(default=None, description="A TOML file with these settings in lower case.")
    data_dir: Path = Field(
        default=Path("aivastark-data"),
        description="The one directory that holds everything: database, search files, uploads, secret key.",
    )
    database_url: str | None = Field(
        default=None,
        description="`postgresql://…` keeps records and search there; unset means SQLite in the data directory.",
    )
    secret_key: str | None = Field(
        default=None,
        min_length=32,
        description="Signs cursors and seals webhook secrets; unset means one is made at first start and kept in the "
        "data directory.",
    )
    embedding_model: Literal["minilm", "hashing"] = Field(
        default="minilm",
        description="`minilm` is the packaged model; `hashing` needs no model and is for tests.",
    )
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
    max_upload_mb: int = Field(default=50, ge=1, le=2048, description="The largest body of a request, in MB.")
    ingest_concurrency: int = Field(
        default=4, ge=1, le=64, description="How many sources one worker takes in at the same time."
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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(path))
