"""x"""

from __future__ import annotations

from typing import Any, Self

from clients.llm import Answer, Request


class HuggingFace:
    """x"""

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """x"""
        return cls()

    def chat(self, request: Request) -> Answer:
        """x"""
        raise NotImplementedError
