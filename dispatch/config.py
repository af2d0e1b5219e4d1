"""Settings of one installation, read from the environment (12factor.net/config). The README lists them all."""

import os
import re
import secrets
import time
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConfigurationError(RuntimeError):
    """A setting is missing or wrong; the text says which one and what to do."""


class Settings(BaseSettings):
    """Everything an operator can set; each field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path("var")
    database_url: str = ""
    port: int = Field(8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    web_workers: int = Field(1, ge=1, le=64)
    web_threads: int = Field(16, ge=1, le=256)
    secret_key: str = ""
    public_url: str = ""
    behind_proxy: int = Field(0, ge=0, le=5)
    ward: str = ""
    queue_url: str = ""
    tasks: Literal["embedded", "worker", "manual"] = "embedded"
    rate_limit_url: str = "memory://"
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_messenger_from: str = ""
    twilio_api_url: str = ""
    overpass_url: str = "https://overpass-api.de/api/interpreter"
    files_url: str = ""
    files_endpoint: str = ""
    files_region: str = "us-east-1"
    files_key_id: str = ""
    files_secret: str = ""
    vapid_private_key: str = ""
    push_services: str = "fcm.googleapis.com push.services.mozilla.com push.apple.com notify.windows.com"
    keep_files_days: int = Field(90, ge=1, le=3650)
    geocoder: Literal["", "nominatim", "photon"] = ""
    geocoder_url: str = ""
    plan_seconds: float = Field(10.0, gt=0, le=600)
    demo: bool = False

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if value.startswith("postgresql://"):
            value = "postgresql+psycopg://" + value.removeprefix("postgresql://")
        if value and not value.startswith(("sqlite:", "postgresql+psycopg:")):
            raise ValueError("use sqlite:///path or postgresql://user:password@host/name")
        return value

    @field_validator("files_url")
    @classmethod
    def _a_bucket(cls, value: str) -> str:
        if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?", value):
            raise ValueError("use s3://bucket or s3://bucket/prefix")
        return value

    @field_validator("geocoder_url", "files_endpoint")
    @classmethod
    def _address_of_a_server(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("use https://host or https://host/path")
        return value

    @model_validator(mode="after")
    def _workers_hear_of_work(self) -> Self:
        if self.tasks == "worker" and not self.queue_url:
            raise ValueError("TASKS=worker needs QUEUE_URL (redis://host:6379/0), or nobody wakes the worker")
        return self

    @model_validator(mode="after")
    def _bucket_has_a_key(self) -> Self:
        if self.files_url and not (self.files_key_id and self.files_secret):
            raise ValueError("FILES_URL needs FILES_KEY_ID and FILES_SECRET")
        return self

    @property
    def database(self) -> str:
        """SQLAlchemy URL; the embedded default is one SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'ward.sqlite').absolute()}"

    @field_validator("vapid_private_key")
    @classmethod
    def _key_of_our_making(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{43}", value):
            raise ValueError("use what `python app.py push keys` printed")
        return value

    @property
    def sends_push(self) -> bool:
        """Whether phones can be told of changes. The demo never sends, whatever keys are set."""
        return bool(self.vapid_private_key and not self.demo)

    @property
    def sends_sms(self) -> bool:
        """Whether messages can go out at all. The demo never sends, whatever keys are set."""
        return bool(self.twilio_account_sid and self.twilio_auth_token and not self.demo)


def load_settings(**overrides: object) -> Settings:
    """Read the environment; raise ConfigurationError with one sentence a setting that is wrong."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [": ".join(filter(None, ("_".join(map(str, e["loc"])).upper(), e["msg"]))) for e in error.errors()]
        raise ConfigurationError("Sai cấu hình (wrong setting). " + "; ".join(lines)) from error
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not settings.secret_key:
        settings.secret_key = _secret_of(settings.data_dir)
    return settings


def _secret_of(data_dir: Path) -> str:
    """A key of this installation's own, made once and readable by its user only."""
    path = data_dir / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # from an earlier start, or a worker that starts at this very moment and may still be writing
    for _try in range(20):
        if key := path.read_text(encoding="ascii").strip():
            return key
        time.sleep(0.05)
    raise ConfigurationError(f"Tệp khóa trống (empty key file): {path}. Hãy xóa tệp này rồi chạy lại.")
