"""What a front end or a person calls: users' words and files in, where a design stands and its files out."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from clients.wire import Wire


class FrontEndCalls(Wire):
    """The half of `api` that faces users."""

    def receive_message(
        self, account: str, username: str, text: str, key: str, design: int | None, interactive: bool
    ) -> int:
        """A user's words come in; returns the design that they belong to."""
        return int(
            self._one(
                "receive_message",
                p_account=account,
                p_username=username,
                p_text=text,
                p_message_key=key,
                p_design=design,
                p_interactive=interactive,
            )
        )

    def design_status(self, design: int) -> dict[str, Any]:
        """Where the design stands."""
        return dict(self._one("design_status", p_design=design))

    def design_messages(self, design: int, after: int) -> list[dict[str, Any]]:
        """The talk after message number `after`."""
        return self._rows("design_messages", p_design=design, p_after=after)

    def design_files(self, design: int) -> list[dict[str, Any]]:
        """Files of the last attempt."""
        return self._rows("design_files", p_design=design)

    def read_file(self, design: int, name: str) -> bytes:
        """Content of a file."""
        return bytes(self._one("read_file", p_design=design, p_name=name))

    def cancel_design(self, design: int) -> None:
        """The user no longer wants it."""
        self._one("cancel_design", p_design=design)

    def wait_for_ring(self, timeout_s: float) -> None:
        """Wait until some design has changed, at most `timeout_s`."""
        self._listen("design_updates")
        self._wait(timeout_s, None)

    def attach_file(self, account: str, username: str, key: str, name: str, content: bytes) -> int:
        """A user's file (at most 8 MB), before the message that has the same key; returns its number."""
        return int(
            self._one(
                "attach_file",
                p_account=account,
                p_username=username,
                p_message_key=key,
                p_name=name,
                p_content=content,
            )
        )

    def model_exchanges(self, design: int) -> list[dict[str, Any]]:
        """Every request to a model for a design and its answer, oldest first."""
        return self._rows("model_exchanges", p_design=design)

    def share_design(self, design: int) -> bool:
        """Keep a design that passed as an example, without the user's talk; whether it is a new one."""
        return bool(self._one("share_design", p_design=design))

    # ------------------------------------------------------------------ people

    def set_agent_model(self, agent: str, model: dict[str, Any]) -> dict[str, Any]:
        """Merge settings into an agent's model (null removes one); returns them all.  For `admin`."""
        return dict(self._one("set_agent_model", p_agent=agent, p_model=Jsonb(model)))

    def list_agents(self) -> list[dict[str, Any]]:
        """Every agent with its settings."""
        return self._rows("list_agents")

    def allow_place(self, front_end: str, kind: str, place: str) -> bool:
        """Let a front end listen at a guild or a channel; False when it might already."""
        return bool(self._one("allow_place", p_front_end=front_end, p_kind=kind, p_place=place))

    def disallow_place(self, front_end: str, kind: str, place: str) -> bool:
        """Take a place off the list; False when it was not on it."""
        return bool(self._one("disallow_place", p_front_end=front_end, p_kind=kind, p_place=place))

    def list_allowed_places(self) -> list[dict[str, Any]]:
        """Where front ends may listen: `front_end`, `kind`, `place`, `allowed_at`."""
        return self._rows("list_allowed_places")

    def state_machine(self) -> list[dict[str, Any]]:
        """Every transition: `from_state`, `outcome`, `attempts_left`, `to_state`, `next_agent`."""
        return self._rows("state_machine")

    def state_diagram(self) -> str:
        """The states of a design as a mermaid diagram, drawn from the transitions."""
        return str(self._one("state_diagram"))
