"""What this process was told about models: LLM_MODEL, LLM_BASE_URL, and secrets, which stay here.

A secret is in LLM_API_KEY or HF_TOKEN, or in a file that LLM_API_KEY_FILE or HF_TOKEN_FILE names.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

NAMES = {"model": "LLM_MODEL", "base_url": "LLM_BASE_URL"}


def named_model() -> dict[str, str]:
    """`{"model", "base_url"}` as far as the environment names them."""
    return {key: value for key, name in NAMES.items() if (value := os.environ.get(name, "").strip())}


def key_for(base_url: str | None) -> str | None:
    """The secret to send to this server (None is Hugging Face itself), or None when it gets none.

    HF_TOKEN goes to Hugging Face alone.  LLM_API_KEY belongs to LLM_BASE_URL, so that whoever may change an
    agent's settings cannot have it sent elsewhere; without LLM_BASE_URL it goes to the one that they name.
    """
    if base_url is None:
        return _secret("HF_TOKEN")
    ours = os.environ.get("LLM_BASE_URL", "").strip()
    return _secret("LLM_API_KEY") if not ours or _origin(ours) == _origin(base_url) else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _secret(name: str) -> str | None:
    if value := os.environ.get(name, "").strip():
        return value
    if file := os.environ.get(f"{name}_FILE", ""):
        return Path(file).read_text().strip() or None
    return None
