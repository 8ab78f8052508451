"""The settings of a server: one frozen value, read once from the environment.

README.md describes every one of them; a test holds it to that.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

PREFIX = "PSOLINK_"


class InvalidSetting(Exception):
    """An environment variable has a value that the server cannot take."""


class ConditionalDelete(StrEnum):
    """How many resources a delete by criteria may delete."""

    OFF = "off"
    SINGLE = "single"
    MULTIPLE = "multiple"


class ReferentialIntegrity(StrEnum):
    """What is done about references to what is not there."""

    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


class ProfilePolicy(StrEnum):
    """What becomes of a write that breaks a profile named in its meta.profile."""

    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the variable of `mongodb_uri` is `PSOLINK_MONGODB_URI`, and so on."""

    mongodb_uri: str | None = None
    database: str = "psolink"
    data: Path = Path("psolink-data")
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 2
    threads: int = 8
    base_url: str | None = None
    max_body_bytes: int = 32 * 1024 * 1024
    max_depth: int = 50
    max_entries: int = 5000
    max_processor_seconds: int = 60
    update_as_create: bool = True
    job_retention_seconds: int = 86_400
    conditional_delete: ConditionalDelete = ConditionalDelete.SINGLE
    conditional_delete_limit: int = 100
    default_count: int = 20
    max_count: int = 1000
    core_definitions: bool = True
    token_lifetime_seconds: int = 300
    signing_key_file: Path | None = None
    terminology_url: str | None = None
    terminology_timeout_seconds: int = 2
    slow_query_milliseconds: int = 500
    referential_integrity: ReferentialIntegrity = ReferentialIntegrity.OFF
    profiles: ProfilePolicy = ProfilePolicy.ENFORCE
    packages: tuple[Path, ...] = ()
    log_level: str = "info"

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Return the settings of `environment`; raise `InvalidSetting` with the variable's name."""
        values = {}
        for entry in fields(cls):
            name = f"{PREFIX}{entry.name.upper()}"
            text = environment.get(name, "")
            if text:
                values[entry.name] = _converted(name, text, str(entry.type))
        return cls(**values)  # type: ignore[arg-type] # each value has its field's type

    def to_env(self) -> dict[str, str]:
        """Return the environment from which `from_env` makes these settings."""
        values = {
            f"{PREFIX}{entry.name.upper()}": getattr(self, entry.name) for entry in fields(self)
        }
        return {name: _text(value) for name, value in values.items()}

    @property
    def public_root(self) -> str:
        """The URL above the FHIR base, as this server names itself to clients."""
        if self.base_url:
            return self.base_url.rstrip("/").removesuffix("/fhir")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def keys_path(self) -> Path:
        """The file that holds the private signing keys."""
        return self.signing_key_file or self.data / "signing-keys.json"


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        text.strip().lower()
    ]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return os.pathsep.join(map(str, value))
    return "" if value is None else str(value)


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(each) for each in text.split(os.pathsep) if each)


_CONVERT: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("ConditionalDelete", ConditionalDelete),
    ("bool", _boolean),
    ("int", int),
    ("ProfilePolicy", ProfilePolicy),
    ("ReferentialIntegrity", ReferentialIntegrity),
    ("tuple", _paths),
    ("Path", Path),
    ("str", str),
)


def _converted(name: str, text: str, declared: str) -> object:
    convert = next(function for word, function in _CONVERT if word in declared)
    try:
        return convert(text)
    except (ValueError, KeyError):
        raise InvalidSetting(f"{name} has a value that is not understood: {text!r}") from None
