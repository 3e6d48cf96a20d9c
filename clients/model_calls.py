"""What an agent calls about its language model: settings, calls, and what a prompt retrieves."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from clients.wire import ERROR_CHARACTERS, Task, Wire, held


class ModelCalls(Wire):
    """The part of `api` that measures and limits models; budgets and verdicts are the database's."""

    def agent_model(self, environment: dict[str, str]) -> dict[str, Any]:
        """The caller's complete settings of its model: its row before `environment` before the defaults.

        `environment` is `{"model", "base_url"}` as this process has them; never a secret.
        """
        return dict(self._one("agent_model", p_environment=Jsonb(environment)))

    def begin_model_call(
        self,
        task: Task,
        model: str,
        prompt: str,
        prompt_version: str,
        request: dict[str, Any],
        recorded: bool = False,
    ) -> tuple[int, str | None]:
        """Store what a model is about to be asked; returns the call's number and the recorded answer, if any.

        Raises `ApiError` PB050 when a budget is spent, PB051 when a recording was wanted and there is none.
        """
        (row,) = self._rows(
            "begin_model_call",
            **held(task),
            p_model=model,
            p_prompt=prompt,
            p_prompt_version=prompt_version,
            p_request=Jsonb(request),
            p_recorded=recorded,
        )
        return row["call_id"], row["recorded"]

    def end_model_call(
        self,
        task: Task,
        call: int,
        answer: str,
        prompt_tokens: int,
        completion_tokens: int,
        latency_s: float,
    ) -> None:
        """The model has answered: the assistant's message as JSON text, at most 1 MB."""
        self._one(
            "end_model_call",
            **held(task),
            p_call_id=call,
            p_answer=answer,
            p_prompt_tokens=prompt_tokens,
            p_completion_tokens=completion_tokens,
            p_latency_s=latency_s,
        )

    def fail_model_call(
        self,
        task: Task,
        call: int,
        problem: str,
        status: int | None,
        retry_after_s: float | None,
        message: str,
        latency_s: float,
    ) -> str:
        """The call was of no use; returns `shorten`, `again`, `later`, `paused`, `over` or `give_up`."""
        return str(
            self._one(
                "fail_model_call",
                **held(task),
                p_call_id=call,
                p_problem=problem,
                p_status=status,
                p_retry_after_s=retry_after_s,
                p_message=message.replace("\0", "")[:ERROR_CHARACTERS],
                p_latency_s=latency_s,
            )
        )

    def record_prompt(self, name: str, version: str, text: str) -> None:
        """Keep the text of a prompt file; the same text is kept once."""
        self._one("record_prompt", p_name=name, p_version=version, p_text=text)

    def similar_designs(self, task: Task, limit: int = 3) -> list[dict[str, Any]]:
        """The nearest designs that passed: `title`, `requirement`, `script`, `attempts`, `source`."""
        return self._rows("similar_designs", **held(task), p_limit=limit)

    # ------------------------------------------------------------------ libraries

    def store_library(
        self, kind: str, version: str, rows: list[dict[str, Any]], first: bool, last: bool
    ) -> int:
        """Store a page (at most 5000 rows) of the installed `symbols` or `footprints`; returns its rows."""
        return int(
            self._one(
                "store_library",
                p_kind=kind,
                p_version=version,
                p_rows=Jsonb(rows),
                p_first=first,
                p_last=last,
            )
        )

    def library_version(self, kind: str) -> str | None:
        """Which version of `symbols` or `footprints` is stored whole; None for none."""
        version = self._one("library_version", p_kind=kind)
        return None if version is None else str(version)

    def find_symbols(self, words: str, limit: int = 10) -> list[dict[str, Any]]:
        """Installed symbols by words or part of a name, best first."""
        return self._rows("find_symbols", p_words=words, p_limit=limit)

    def find_footprints(self, words: str, limit: int = 10) -> list[dict[str, Any]]:
        """Installed footprints by words or part of a name, best first."""
        return self._rows("find_footprints", p_words=words, p_limit=limit)

    def find_parts(self, value: str, package: str | None = None, limit: int = 8) -> list[dict[str, Any]]:
        """Parts in stock for a value or a part number, what costs no loading fee first."""
        return self._rows("find_parts", p_value=value, p_package=package, p_limit=limit)
