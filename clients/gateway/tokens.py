"""Tokens: whom the gateway believes to be who.

One key, and the one algorithm that belongs to it: a shared secret means HS256, a public key RS256, ES256 or
EdDSA by its type.  What a token says of its own key or algorithm counts for nothing.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from clients.gateway.settings import KEY_NAME, BadSetting
from clients.server import make_secret, secrets_folder

ROLE = "web_user"
LEAST_SECRET = 32  # bytes
LEAST_RSA = 2048  # bits
LONGEST = 4096  # characters of a token
ACCOUNT, NAME = 200, 100  # characters, as the database has them
# whatever a stranger writes, and however deep
BAD = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, KeyError)


class BadToken(Exception):
    """Nobody vouches for whoever sent this; says why, without the token."""


@dataclass(frozen=True)
class Person:
    """Whom a token vouches for, and until when (seconds since 1970)."""

    account: str
    name: str | None
    expires: float


def ensure_key() -> None:
    """Make the shared secret where there is no key yet; one that MAS_JWT_KEY_FILE names is somebody's."""
    if not os.environ.get("MAS_JWT_KEY_FILE"):
        make_secret(secrets_folder() / KEY_NAME)


class Tokens:
    """The key by which tokens are believed."""

    def __init__(self, key_file: Path, audience: str) -> None:
        """Raises `BadSetting` for a key that is none."""
        self._audience = audience
        self._key, self.algorithm = _read_key(key_file)

    def verify(self, token: str) -> Person:
        """Whom it vouches for.  Raises `BadToken`."""
        if len(token) > LONGEST:
            raise BadToken(f"a token has at most {LONGEST} characters")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[self.algorithm],
                audience=self._audience,
                options={"require": ["sub", "exp", "aud"]},
            )
            return _person(claims)
        except jwt.ExpiredSignatureError:
            raise BadToken("the token has expired") from None
        except BAD:
            raise BadToken("the token is not one that is accepted here") from None

    def make(self, account: str, hours: float, name: str | None) -> str:
        """A token by the shared secret.  Raises `BadSetting` when there is none, or for nobody's account."""
        if isinstance(self._key, bytes):
            claims = {"sub": account, "aud": self._audience, "exp": int(time.time() + hours * 3600)}
            claims |= {"name": name} if name else {}
            try:
                _person(claims)
            except ValueError as error:
                raise BadSetting(str(error)) from error
            return jwt.encode(claims, self._key, algorithm=self.algorithm)
        raise BadSetting("the key is a public one: whoever has the private key signs the tokens")


def _person(claims: dict[str, Any]) -> Person:
    """Raises `ValueError` for claims that are not those of a person."""
    account, name = claims["sub"], claims.get("name")
    if not isinstance(account, str) or not 1 <= len(account) <= ACCOUNT or not account.isprintable():
        raise ValueError(f"an account has 1 to {ACCOUNT} printable characters")
    if name is not None and (not isinstance(name, str) or len(name) > NAME or not name.isprintable()):
        raise ValueError(f"a name has at most {NAME} printable characters")
    if claims.get("role", ROLE) != ROLE:
        raise ValueError(f"people here are {ROLE} and nothing else")
    return Person(account, name or None, float(claims["exp"]))


def _read_key(file: Path) -> tuple[Any, str]:
    """The key and its algorithm."""
    try:
        text = file.read_bytes().strip()
    except OSError as error:
        raise BadSetting(
            f"there is no key of tokens ({error.strerror}: {file}); "
            "./mas token makes one, MAS_JWT_KEY_FILE names another"
        ) from error
    if not text.startswith(b"-----"):
        if len(text) < LEAST_SECRET:
            raise BadSetting(f"{file} has {len(text)} bytes; a shared secret has {LEAST_SECRET} or more")
        return text, "HS256"
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSetting(f"{file} is no public key in PEM (-----BEGIN PUBLIC KEY-----)") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA:
        return key, "RS256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key, "ES256"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key, "EdDSA"
    raise BadSetting(f"{file}: RSA of {LEAST_RSA} bits or more, EC on P-256, or Ed25519")
