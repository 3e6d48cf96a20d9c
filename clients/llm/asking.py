"""Asking: one question put to a model until its answer is of use or the database says that it is enough.

Each call is begun, made, and ended or failed in the database; what follows from a failure is its verdict, and
nothing here counts or decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from clients.api import BUDGET_SPENT, NO_RECORDING, Api, ApiError, Task
from clients.llm import Answer, Message, ModelProblem, Provider, Request
from clients.llm.fitting import fitted, halved
from clients.llm.judging import TOO_LARGE, Check, repair_after, require, with_schema
from clients.llm.prompting import Messages, settings_of

WARMER = 0.3  # a candidate's temperature above that of the one before
HOTTEST = 1.2


class TaskOver(Exception):
    """The task is no longer ours: it was given back, waits for a paused agent, or is a dead letter."""

    def __init__(self, message: str, ended: bool) -> None:
        super().__init__(message)
        self.outcome = "dead_lettered" if ended else None  # of the task


class GiveUp(Exception):
    """The model has answered as often as it may, never well; has the last answer and what was wrong."""

    permanent = True

    def __init__(self, complaint: str, answer: Answer | None) -> None:
        super().__init__(complaint)
        self.complaint = complaint
        self.answer = answer


class Asking:
    """Questions for one task; an `optional` one is given up where another one's task would end."""

    def __init__(
        self,
        db: Api,
        task: Task,
        settings: dict[str, Any],
        provider: Callable[[], Provider],
        candidate: int | None,
        optional: bool = False,
    ) -> None:
        self._db, self._task, self._settings = db, task, settings
        self._provider, self._candidate, self._optional = provider, candidate, optional
        self._room, self._most = settings_of(settings)
        warmer = WARMER * ((candidate or 1) - 1)
        temperature = float(settings["temperature"])
        self._temperature = max(temperature, min(HOTTEST, temperature + warmer))

    def ask(
        self,
        messages: list[Message],
        prompt: str,
        schema: dict[str, Any] | None,
        tools: list[dict[str, Any]] | None,
        check: Check | None,
    ) -> Answer:
        """The first answer of use.  Raises `TaskOver`, `GiveUp`, and whatever interrupts the work."""
        asked = self._prepared(messages, schema)
        repair: list[Message] = []
        while True:
            try:
                return self._once(fitted([*asked, *repair], self._room), prompt, schema, tools, check)
            except _Failed as failed:
                problem, verdict = failed.problem, failed.verdict
            if verdict == "again":
                repair = repair_after(problem)
            elif verdict == "shorten":
                asked, repair = self._shorter(messages, asked, schema), []
            elif verdict == "give_up":
                raise GiveUp(problem.message, problem.answer) from problem
            else:
                raise TaskOver(problem.message, ended=verdict == "over") from problem

    def _prepared(self, messages: list[Message], schema: dict[str, Any] | None) -> list[Message]:
        return fitted(with_schema(messages, schema, self._settings["dialect"]), self._room)

    def _shorter(
        self, messages: list[Message], asked: list[Message], schema: dict[str, Any] | None
    ) -> list[Message]:
        """What the prompt's maker would leave out first, where it says so; else what is in the middle."""
        if isinstance(messages, Messages) and messages.much_shorter():
            return self._prepared(messages, schema)
        return halved(asked)

    def _once(
        self,
        messages: list[Message],
        prompt: str,
        schema: dict[str, Any] | None,
        tools: list[dict[str, Any]] | None,
        check: Check | None,
    ) -> Answer:
        request = Request(
            messages,
            schema,
            tools if self._settings["tools"] else None,
            self._temperature,
            self._most,
            self._candidate,
        )
        call, recorded = self._begin(prompt, request)
        began = time.monotonic()
        try:
            answer = Answer.from_text(recorded) if recorded is not None else self._asked(request)
            self._end(call, answer)
            require(answer, schema, check)
        except ModelProblem as problem:
            raise _Failed(self._fail(call, problem, time.monotonic() - began), problem) from problem
        return answer

    def _asked(self, request: Request) -> Answer:
        """What comes, or that it is far too large: that is an answer, too, and goes into the recording."""
        try:
            return self._provider().chat(request)
        except ModelProblem as problem:
            if problem.problem != TOO_LARGE:
                raise
            return Answer("", finish_reason=TOO_LARGE)

    # ------------------------------------------------------------------ the database's part

    def _begin(self, prompt: str, request: Request) -> tuple[int, str | None]:
        settings = self._settings
        try:
            return self._db.begin_model_call(
                self._task,
                settings.get("model") or "default",
                prompt,
                str(settings["prompt_version"]),
                request.as_json(),
                settings["provider"] == "recorded",
            )
        except ApiError as error:
            if error.code not in (BUDGET_SPENT, NO_RECORDING):
                raise
            if self._optional:
                raise GiveUp(str(error), None) from error
            self._db.fail_task(self._task, str(error), retry=False)
            raise TaskOver(str(error), ended=True) from error

    def _end(self, call: int, answer: Answer) -> None:
        self._db.end_model_call(
            self._task,
            call,
            answer.as_text(),
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.latency_s,
        )

    def _fail(self, call: int, problem: ModelProblem, latency_s: float) -> str:
        return self._db.fail_model_call(
            self._task,
            call,
            problem.problem,
            problem.status,
            problem.retry_after_s,
            problem.message,
            latency_s,
        )


class _Failed(Exception):
    """A call that was of no use, and what the database says to it."""

    def __init__(self, verdict: str, problem: ModelProblem) -> None:
        super().__init__(verdict)
        self.verdict, self.problem = verdict, problem
