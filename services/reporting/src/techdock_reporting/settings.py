"""What an operator can set, and nothing else."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, in `main`, from the environment: `TECHDOCK_REPORTING_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TECHDOCK_REPORTING_", frozen=True)

    database_url: SecretStr = SecretStr("postgresql+asyncpg://localhost/reporting")
    kafka_servers: str = Field(default="localhost:9092", description="Comma-separated.")
    kafka_replication: int = Field(default=1, ge=1, description="Copies of each topic.")
    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
    registration_url: str = "http://localhost:8001"
    deployment_key_file: Path = Path("/run/techdock/deployment.key")
    host: str = "127.0.0.1"
    port: int = Field(default=8003, ge=0, le=65535)
    gateways: str = Field(
        default="127.0.0.1",
        description="Addresses and networks whose X-Forwarded-For is believed, comma-separated.",
    )
    log_form: Literal["json", "console"] = "json"
