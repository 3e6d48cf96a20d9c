"""What this machine has and lacks, one line each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any


def examine(say: Callable[[str], None]) -> bool:
    """Say what was found; returns whether a design could run here as it is."""
    from clients import setup
    from kicad import sandbox

    lacking = setup.missing()
    reason = None if "bubblewrap" in lacking else sandbox.probe()
    say(
        "tools:    "
        + ("all there" if not lacking else f"missing {', '.join(lacking)}; ./mas design installs them")
    )
    say("sandbox:  " + (reason or sandbox.describe()))
    for line in _database():
        say("database: " + line)
    well = [_model(name, settings, say) for name, settings in _models(say)] + [_discord(say)]
    return not lacking and reason is None and all(well)


def _has_database() -> bool:
    from clients.server import home

    return bool(os.environ.get("DATABASE_URL")) or (home() / "postgres" / "data").exists()


def _settings_of(agent: str) -> dict[str, Any] | None:
    """An agent's model as a process of ours would ask it, None when the database cannot be asked now."""
    import psycopg

    from clients.api import Api, ApiError, ConnectionLost
    from clients.llm.environment import named_model
    from clients.server import ServerError, find_server

    try:
        with Api.connect(find_server().dsn(agent)) as db:
            return db.agent_model(named_model())
    except (ApiError, ConnectionLost, ServerError, psycopg.Error):
        return None


def reads_with_model() -> bool:
    """Whether what a user says is read by a model, as far as can be known without starting anything."""
    from clients.llm.environment import named_model

    if named_model() or not _has_database():
        return bool(named_model())
    settings = _settings_of("client_manager")
    return settings is not None and settings["provider"] != "catalog"


def _models(say: Callable[[str], None]) -> list[tuple[str, dict[str, Any]]]:
    """Each model that agents use, once, with its settings and the agents' names."""
    from clients.fleet import ASKING

    if not _has_database():
        say("model:    settings are in the database, and there is none yet")
        return []
    found: dict[str, tuple[list[str], dict[str, Any]]] = {}
    for agent in ASKING:
        if (settings := _settings_of(agent)) is None:
            say("model:    settings are in the database, which cannot be asked now")
            return []
        if settings["provider"] == "huggingface":
            found.setdefault(json.dumps(settings, sort_keys=True), ([], settings))[0].append(agent)
    if not found:
        say("model:    none; the catalog designs. LLM_MODEL, LLM_BASE_URL or an agent's settings name one")
    return [(", ".join(agents), settings) for agents, settings in found.values()]


def _model(agents: str, settings: dict[str, Any], say: Callable[[str], None]) -> bool:
    """What one model can do; asks it a few questions."""
    from clients.llm.probing import probe

    where = _without_user(settings.get("base_url")) or f"Hugging Face, provider {settings['hf_provider']}"
    say(f"model:    {settings.get('model') or 'the only one'} at {where}, for {agents}")
    well = True
    for good, line in probe(settings):
        say(f"model:    {line}")
        well = well and good
    return well


def _discord(say: Callable[[str], None]) -> bool:
    """Whether people can come in by Discord, if they are to; asks it."""
    from clients.fleet import has_token

    if not has_token():
        say("discord:  no token; DISCORD_TOKEN_FILE names a file with one, and ./mas up starts the bot")
        return True
    from clients.discord_bot import examine_token

    well = True
    for good, line in examine_token():
        say(f"discord:  {line}")
        well = well and good
    return well


def _without_user(url: str | None) -> str:
    """An address as it may be shown: what lets somebody in may stand before its @."""
    return re.sub(r"//[^/]*@", "//", url or "")


def _database() -> list[str]:
    """Whether the database is there, and what its server leaves open; starts and changes nothing."""
    import psycopg

    from clients.deploy import open_doors
    from clients.server import find_server

    if not _has_database():
        return ["none yet; every command that needs it makes it"]
    try:
        with psycopg.connect(find_server().admin_dsn, connect_timeout=10) as connection:
            return open_doors(connection) or ["closed as it should be"]
    except psycopg.OperationalError:
        return ["does not run or does not let us in; every command that needs it starts it"]
    except psycopg.ProgrammingError:
        return ["is not deployed to yet, or DATABASE_URL is no URL; ./mas deploy says more"]
