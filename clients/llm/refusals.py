"""What a server says when it refuses: its words, and how long it asks to wait."""

from __future__ import annotations

import email.utils
import json
import re
import time
from typing import Any

import httpx2

WORDS = ("error", "message", "detail", "errors", "msg")  # where servers put what went wrong


def words_of(body: str) -> str:
    """The words of an error, from whatever a server wraps them in."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "" if "<html" in body.lower() else body.strip()
    while isinstance(found, list | dict) and found:
        if isinstance(found, dict):
            found = next((found[key] for key in WORDS if found.get(key)), json.dumps(found))
        else:
            found = found[0]
    return found if isinstance(found, str) else json.dumps(found)


def retry_after_s(headers: httpx2.Headers) -> float | None:
    """How long the server asks to wait: `Retry-After`, seconds or a date, or Hugging Face's rate limit."""
    wanted = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", wanted):
        return float(wanted)
    if wanted:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(wanted).timestamp() - time.time())
        except ValueError:
            pass
    spent = re.search(r"\br=0\s*;\s*t=(\d{1,9})", headers.get("ratelimit", ""))
    return float(spent[1]) if spent else None
