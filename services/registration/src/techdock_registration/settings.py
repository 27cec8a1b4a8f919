"""What an operator can set, and nothing else."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, in `main`, from the environment: `TECHDOCK_REGISTRATION_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TECHDOCK_REGISTRATION_", frozen=True)

    database_url: SecretStr = SecretStr("postgresql+asyncpg://localhost/registration")
    kafka_servers: str = Field(default="localhost:9092", description="Comma-separated.")
    kafka_replication: int = Field(default=1, ge=1, description="Copies of each topic.")
    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
    public_url: str = Field(
        default="http://localhost:8000", description="The portal, for links in mails."
    )
    deployment_key_file: Path = Path("/run/techdock/deployment.key")
    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65535)
    gateways: str = Field(
        default="127.0.0.1",
        description="Addresses and networks whose X-Forwarded-For is believed, comma-separated.",
    )
    log_form: Literal["json", "console"] = "json"
    smtp_host: str | None = Field(
        default=None, description="Where mails are handed in; none: kept, shown on a page."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_encryption: Literal["tls", "starttls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str = Field(
        default="techdock@localhost", description="Address that mails come from."
    )
