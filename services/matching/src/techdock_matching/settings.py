"""What an operator can set, and nothing else."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, in `main` and `worker`, from the environment: `TECHDOCK_MATCHING_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TECHDOCK_MATCHING_", frozen=True)

    database_url: SecretStr = SecretStr("postgresql+asyncpg://localhost/matching")
    kafka_servers: str = Field(default="localhost:9092", description="Comma-separated.")
    kafka_replication: int = Field(default=1, ge=1, description="Copies of each topic.")
    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
    registration_url: str = "http://localhost:8001"
    public_url: str = Field(
        default="http://localhost:8000", description="The portal, for links in calendars."
    )
    deployment_key_file: Path = Path("/run/techdock/deployment.key")
    host: str = "127.0.0.1"
    port: int = Field(default=8002, ge=0, le=65535)
    gateways: str = Field(
        default="127.0.0.1",
        description="Addresses and networks whose X-Forwarded-For is believed, comma-separated.",
    )
    log_form: Literal["json", "console"] = "json"
    glossary: Path | None = Field(
        default=None, description="Technology concepts of one's own beside ours, CSV."
    )
    language_packs: Path | None = Field(
        default=None, description="Folder of dictionaries beside our concepts, a folder each."
    )
    encoder: str = Field(
        default="use-multilingual", description="Of sentences: a name, none, or a directory."
    )
    index_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL with pgvector that keeps the index; none: the worker's memory.",
    )
    worker_tasks: Literal["all", "rank", "solve"] = Field(
        default="all", description="What a worker does; two workers may share."
    )
    quiet_s: float = Field(
        default=60.0,
        gt=0,
        description="Seconds without news until all lists are computed as a restart would.",
    )
    worker_socket: Path | None = Field(
        default=None,
        description="Where the worker answers its own program, in a directory only that may enter.",
    )
    worker_host: str = "127.0.0.1"
    worker_port: int | None = Field(
        default=None, ge=1, le=65535, description="Where the worker answers; none: nowhere."
    )
    worker_url: str | None = Field(
        default=None, description="Of the worker that ranks, for search; none: there is no search."
    )
