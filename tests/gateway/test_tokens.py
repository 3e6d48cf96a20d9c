"""Whoever has no valid token is nobody: forged, expired, for somebody else, or for more than a person."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from clients.gateway.settings import BadSetting
from clients.gateway.tokens import Tokens
from tests.gateway.served import AUDIENCE, SECRET, Served, serving, token

PEM = serialization.Encoding.PEM


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: dict[str, Any], claims: Any, key: bytes = SECRET) -> str:
    """A token that no library would make."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def claims(**changes: Any) -> dict[str, Any]:
    return {"sub": "anna", "aud": AUDIENCE, "exp": int(time.time()) + 600} | changes


BAD = {
    "another key": lambda: token(b"another secret that is also 32 bytes long"),
    "none": lambda: by_hand({"alg": "none"}, claims()).rpartition(".")[0] + ".",
    "None": lambda: by_hand({"alg": "NONE"}, claims()),
    "no algorithm": lambda: by_hand({"typ": "JWT"}, claims()),
    "another algorithm": lambda: token(algorithm="HS512"),
    "a key of its own": lambda: by_hand(
        {"alg": "HS256", "jwk": {"kty": "oct", "k": part(b"mine")}}, claims(), b"mine"
    ),
    "a key by path": lambda: by_hand({"alg": "HS256", "kid": "/dev/null"}, claims(), b""),
    "a key by SQL": lambda: by_hand({"alg": "HS256", "kid": "x' union select 'mine"}, claims(), b"mine"),
    "a key by address": lambda: by_hand({"alg": "HS256", "jku": "http://127.0.0.1:1/"}, claims(), b"mine"),
    "what must be understood": lambda: token(headers={"crit": ["mine"], "mine": 1}),
    "expired": lambda: token(exp=int(time.time()) - 1),
    "never expires": lambda: token(exp=None),
    "expires in words": lambda: by_hand({"alg": "HS256"}, claims(exp="tomorrow")),
    "expires at infinity": lambda: by_hand(
        {"alg": "HS256"}, b'{"sub":"anna","aud":"hardware_mas","exp":Infinity}'
    ),
    "not yet": lambda: token(nbf=int(time.time()) + 60),
    "for others": lambda: token(aud="elsewhere"),
    "for nobody": lambda: token(aud=None),
    "of nobody": lambda: token(sub=None),
    "of an empty account": lambda: token(sub=""),
    "of a number": lambda: by_hand({"alg": "HS256"}, claims(sub=7)),
    "of a long account": lambda: token(sub="x" * 201),
    "of an account with NUL": lambda: token(sub="anna\0"),
    "of an account with a line": lambda: token(sub="anna\nadmin"),
    "of a lone surrogate": lambda: by_hand(
        {"alg": "HS256"}, b'{"sub":"\\ud800","aud":"hardware_mas","exp":9999999999}'
    ),
    "a name that is none": lambda: token(name={"x": 1}),
    "claims that are no object": lambda: by_hand({"alg": "HS256"}, [1]),
    "claims that are deep": lambda: by_hand({"alg": "HS256"}, b"[" * 2000 + b"]" * 2000),
    "a header that is deep": lambda: f"{part(b'[' * 1400)}.{part(claims())}.x",
    "too long": lambda: token(more="x" * 4000),
    "no token": lambda: "x",
    "half a token": lambda: token().rpartition(".")[0],
    "bytes": lambda: "\xff\xfe.\xff.\xff",
    **{
        f"for the role {role}": lambda role=role: token(role=role)
        for role in (
            "admin",
            "monitor",
            "mas_owner",
            "gateway",
            "postgres",
            "kicad",
            "",
            "WEB_USER",
        )
    },
    "for roles": lambda: token(role=["web_user", "admin"]),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_token_opens_nothing(gateway: Served, what: str) -> None:
    headers = {"Authorization": f"Bearer {BAD[what]()}"}
    before = _people(gateway)
    for method, path in (
        ("GET", "/my_designs"),
        ("POST", "/rpc/list_designs"),
        ("GET", "/events"),
        ("GET", "/files/1/x"),
    ):
        said = gateway.ask(method, path, None, headers)
        assert (said.status, said.code) == (401, "GW401"), path
        assert said.headers["WWW-Authenticate"].startswith("Bearer")
        words = headers["Authorization"].split(" ", 1)[1]
        assert len(words) < 2 or words not in said.body.decode(), "it tells the token"
    assert _people(gateway) == before, "somebody was made of it"


def _people(gateway: Served) -> list[tuple[int, str]]:
    with gateway.database.connect() as owner:
        return owner.execute("select user_id, account from core.users order by user_id").fetchall()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic YW5uYTpzZWNyZXQ="},
        {"Authorization": "Bearer"},
        {"Cookie": "token=x"},
    ],
)
def test_without_a_token_nothing_opens(gateway: Served, headers: dict[str, str]) -> None:
    assert gateway.ask("GET", "/my_designs", None, headers).status == 401
    assert gateway.ask("GET", f"/my_designs?access_token={token()}", None, headers).status == 401


def test_a_good_token_opens_what_is_theirs_and_says_their_name(gateway: Served) -> None:
    me = gateway.person("Zoë O'Neill", name="Zoë", role="web_user", aud=[AUDIENCE, "elsewhere"])
    assert me.get("/my_designs").json == []
    with gateway.database.connect() as owner:
        query = "select front_end, username from core.users where account = %s"
        assert owner.execute(query, (me.account,)).fetchone() == ("web_user", "Zoë")
        again = gateway.person(me.account)  # a token without a name leaves it as it is
        assert again.get("/my_designs").json == []
        assert owner.execute(query, (me.account,)).fetchone() == ("web_user", "Zoë")


KEYS = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_by_a_public_key_its_algorithm_and_no_other(gateway: Served, tmp_path: Path, algorithm: str) -> None:
    key = KEYS[algorithm]()
    public = key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    file = tmp_path / "key.pem"
    file.write_bytes(public)
    with serving(gateway.database, file) as served:

        def status(said: str) -> int:
            return served.ask("GET", "/my_designs", None, {"Authorization": f"Bearer {said}"}).status

        assert status(token(key, algorithm)) == 200
        assert status(token()) == 401
        for secret in (
            public,
            public.strip(),
            key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
        ):
            assert status(by_hand({"alg": "HS256"}, claims(), secret)) == 401, (
                "the public key was taken for a secret"
            )
        assert status(by_hand({"alg": "none"}, claims()).rpartition(".")[0] + ".") == 401
        for other, make in KEYS.items():
            assert status(token(make(), other)) == 401, "another's key"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "./mas token makes one"),
        (b"", "32 or more"),
        (b"too short", "32 or more"),
        (b"-----BEGIN PUBLIC KEY-----\nnonsense", "no public key"),
        (
            ed25519.Ed25519PrivateKey.generate().private_bytes(
                PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            "no public key",
        ),
        (
            ec.generate_private_key(ec.SECP384R1())
            .public_key()
            .public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "P-256",
        ),
    ],
)
def test_a_key_that_is_none_is_refused_at_the_start(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting, match=why):
        Tokens(file, AUDIENCE)


def test_the_command_makes_one_that_is_believed(tmp_path: Path, key_file: Path) -> None:
    tokens = Tokens(key_file, AUDIENCE)
    person = tokens.verify(tokens.make("anna", 1, "Anna"))
    assert (person.account, person.name) == ("anna", "Anna")
    assert 3590 < person.expires - time.time() <= 3600
    with pytest.raises(BadSetting):
        tokens.make("", 1, None)
