"""What an operator can set for the portal as a program of its own."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, in `main`, from the environment: `TECHDOCK_PORTAL_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TECHDOCK_PORTAL_", frozen=True)

    registration_url: str = "http://localhost:8001"
    matching_url: str = "http://localhost:8002"
    reporting_url: str = "http://localhost:8003"
    public_url: str = Field(
        default="http://localhost:8000",
        description="Address that people type; https makes the session cookie Secure.",
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8004, ge=0, le=65535)
    gateways: str = Field(
        default="127.0.0.1",
        description="Addresses and networks whose X-Forwarded-For is believed, comma-separated.",
    )
    log_form: Literal["json", "console"] = "json"
