"""What the gateway is told by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from clients.server import secrets_folder

KEY_NAME = "jwt_key"


class BadSetting(Exception):
    """The environment says something that cannot be; tells what."""


@dataclass(frozen=True)
class Rate:
    """Requests a second in the long run, and how many at once."""

    per_second: float
    burst: float


@dataclass(frozen=True)
class Settings:
    """Where to listen, whose tokens to believe, and how much to bear."""

    host: str = "127.0.0.1"
    port: int = 8080
    key_file: Path = field(default_factory=lambda: secrets_folder() / KEY_NAME)
    audience: str = "hardware_mas"
    pooler: str = ""  # host:port of a PgBouncer in transaction mode, for requests; who listens goes past it
    connections: int = 8  # with the one that listens, three processes stay within the login's limit of 30
    account_rate: Rate = Rate(20, 40)
    address_rate: Rate = Rate(5, 20)
    forwarded: bool = False  # whether a proxy of ours stands in front and appends to X-Forwarded-For
    patience_s: float = 10.0  # for a request's head, for its body, and for a client that does not read


def read_settings() -> Settings:
    """The settings that the environment has.  Raises `BadSetting`."""
    usual = Settings()
    return Settings(
        host=os.environ.get("MAS_GATEWAY_HOST", usual.host),
        port=int(_number("MAS_GATEWAY_PORT", usual.port, 0, 65535)),
        key_file=Path(os.environ.get("MAS_JWT_KEY_FILE") or usual.key_file),
        audience=os.environ.get("MAS_JWT_AUDIENCE") or usual.audience,
        pooler=_place("MAS_GATEWAY_POOLER"),
        connections=int(_number("MAS_GATEWAY_CONNECTIONS", usual.connections, 1, 1000)),
        account_rate=_rate("MAS_GATEWAY_ACCOUNT_RATE", usual.account_rate),
        address_rate=_rate("MAS_GATEWAY_ADDRESS_RATE", usual.address_rate),
        forwarded=bool(_number("MAS_GATEWAY_FORWARDED", usual.forwarded, 0, 1)),
        patience_s=_number("MAS_GATEWAY_PATIENCE_S", usual.patience_s, 0.1, 600),
    )


def _number(name: str, usual: float, least: float, most: float) -> float:
    said = os.environ.get(name) or str(float(usual))
    try:
        number = float(said)
    except ValueError:
        raise BadSetting(f"{name} is a number, not {said!r}") from None
    if not least <= number <= most:
        raise BadSetting(f"{name} is {least:g} to {most:g}, not {said}")
    return number


def _place(name: str) -> str:
    """`host:port`, or nothing."""
    said = os.environ.get(name, "")
    host, colon, port = said.rpartition(":")
    if said and not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise BadSetting(f"{name} is like psql-pooler:5432, not {said!r}")
    return said


def _rate(name: str, usual: Rate) -> Rate:
    """A rate like `20/40`: requests a second, and at once."""
    said = os.environ.get(name)
    if not said:
        return usual
    try:
        per_second, burst = (float(part) for part in said.split("/"))
    except ValueError:
        raise BadSetting(f"{name} is like 20/40: requests a second, and at once; not {said!r}") from None
    if per_second <= 0 or burst < 1:
        raise BadSetting(f"{name}: more than 0 requests a second, and 1 or more at once")
    return Rate(per_second, burst)
