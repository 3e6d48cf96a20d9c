"""The commands behind ./mas."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from clients.command import (
    BAD_INPUT,
    CHECKOUT,
    NOT_PASSED,
    PASSED,
    Stop,
    controlled,
    database,
    install_tools,
    say,
)
from clients.design_command import design, files
from clients.measuring import bench, briefs, eval_, hostile, layout

LIBRARY = "library"  # a kind of import that has no file: what is installed here


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = _parser()
    options, words = parser.parse_known_args(argv)
    if words and options.run is not test:
        parser.error(f"there is no {' '.join(words)} here; ./mas {options.name} --help says what there is")
    options.words = words
    try:
        code: int = options.run(options)
    except Stop as stop:
        print(f"mas: {stop}", file=sys.stderr)
        code = stop.code
    except KeyboardInterrupt:
        print("\nmas: stopped; what was begun is kept in the database", file=sys.stderr)
        code = 130
    return code


# ---------------------------------------------------------------------------- commands


def up(options: argparse.Namespace) -> int:
    """Keep the agents running until Ctrl-C or SIGTERM, and the Discord bot when there is a token."""
    import signal
    import threading

    from clients.control import require_replicas
    from clients.fleet import AGENTS, BOT, GATEWAY, Fleet, has_token

    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    with controlled(tools=True) as server:
        require_replicas(server, AGENTS, options.replicas)
        if options.gateway:
            from clients.gateway.tokens import ensure_key

            ensure_key()
    bot = BOT if has_token() else {}
    with Fleet(replicas=options.replicas, front_ends=bot | (GATEWAY if options.gateway else {})):
        also = " and the Discord bot" if bot else ""
        also += " and the gateway" if options.gateway else ""
        say(f"{len(AGENTS) * options.replicas} agents{also} are up; Ctrl-C ends them")
        ended.wait()
    return PASSED


def deploy(_: argparse.Namespace) -> int:
    """Bring the database to today's schema."""
    with database(verbose=True, tools=False):
        say("the database is as db/ has it")
    return PASSED


def psql(options: argparse.Namespace) -> int:
    """Open psql as a role, or run one command."""
    with database(tools=False) as server:
        words = ["-v", "ON_ERROR_STOP=1", "-c", options.sql] if options.sql else []
        code: int = server.psql(options.role, *words)
        return code


def stop(_: argparse.Namespace) -> int:
    """Stop the embedded server."""
    from clients.server import stop_server

    say("the embedded PostgreSQL is stopped" if stop_server() else "no embedded PostgreSQL was running")
    return PASSED


def test(options: argparse.Namespace) -> int:
    """Run the suite; further words go to pytest."""
    install_tools()
    # both cores: whoever is done first takes over from the other
    words = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *options.words]
    return subprocess.run(words, cwd=CHECKOUT, check=False).returncode


def lint(_: argparse.Namespace) -> int:
    """ruff and mypy over the whole tree, and the lints of the database."""
    commands = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["db.lints"]]
    codes = [
        subprocess.run([sys.executable, "-m", *c], cwd=CHECKOUT, check=False).returncode for c in commands
    ]
    return PASSED if not any(codes) else NOT_PASSED


def agent(options: argparse.Namespace) -> int:
    """List, create, change, rotate, revoke, pause or resume agents' logins; show or set their models."""
    from clients import control

    with controlled() as server:
        control.run_agent(server, options, say)
    return PASSED


def settings(options: argparse.Namespace) -> int:
    """Show the settings, or change one."""
    from clients import control

    with controlled() as server:
        control.run_settings(server, options.setting, options.value, say)
    return PASSED


def import_(options: argparse.Namespace) -> int:
    """Import parts, users, designs or settings from CSV or JSON, all rows or none; or KiCad's library."""
    from clients import control

    file = Path(options.file) if options.file else None
    with controlled(tools=options.kind == LIBRARY) as server:
        if options.kind == LIBRARY:
            return _import_library(server, options)
        whole = control.run_import(server, options.kind, file, options.dry_run, say)
    return PASSED if whole else NOT_PASSED


def export(options: argparse.Namespace) -> int:
    """Export parts, users, designs or settings, so that import takes them in another database."""
    from clients import control

    with controlled() as server:
        control.run_export(server, options.kind, Path(options.file) if options.file else None, say)
    return PASSED


def forget(options: argparse.Namespace) -> int:
    """Delete all that a person said and what was made of it, on their request."""
    from clients import control

    if not options.yes:
        if not sys.stdin.isatty():
            raise Stop("this cannot be undone; say so with --yes", BAD_INPUT)
        asked = (
            f"Delete all that {options.account} of {options.front_end} said and what was made of it? (yes) "
        )
        if input(asked).strip().lower() != "yes":
            raise Stop("nothing was deleted")
    with controlled() as server:
        control.run_forget(server, options.front_end, options.account, say)
    return PASSED


def discord(options: argparse.Namespace) -> int:
    """Say where the Discord bot may listen, or print the link by which a server invites it."""
    if options.action == "invite":
        return _invite()
    from clients.discord_control import run_discord

    with controlled() as server:
        run_discord(server, options, say)
    return PASSED


def _invite() -> int:
    from clients.discord_bot import NoAccess, invite

    try:
        say(invite())
    except NoAccess as reason:
        raise Stop(str(reason), reason.code) from reason
    return PASSED


def gateway(options: argparse.Namespace) -> int:
    """Serve the API and the status page over HTTP until Ctrl-C or SIGTERM."""
    import asyncio
    from dataclasses import replace

    from clients.gateway.__main__ import NAME, serve
    from clients.gateway.settings import BadSetting, read_settings
    from clients.gateway.tokens import ensure_key

    with database(tools=False) as server:
        ensure_key()
        try:
            said = {"host": options.host, "port": options.port}
            settings = replace(read_settings(), **{name: at for name, at in said.items() if at is not None})
            return asyncio.run(serve(server.dsn(NAME), settings, say))
        except BadSetting as error:
            raise Stop(str(error), BAD_INPUT) from error


def token(options: argparse.Namespace) -> int:
    """Print a token by which an app or a page acts for an account over the API."""
    from clients.gateway.settings import BadSetting, read_settings
    from clients.gateway.tokens import Tokens, ensure_key

    ensure_key()
    try:
        settings = read_settings()
        made = Tokens(settings.key_file, settings.audience).make(options.account, options.hours, options.name)
    except BadSetting as error:
        raise Stop(str(error), BAD_INPUT) from error
    print(made)
    return PASSED


def graph(options: argparse.Namespace) -> int:
    """Print the agents' graph, or the states of a design, as a mermaid diagram."""
    from clients.api import Api

    with database(tools=False) as server, Api.connect(server.dsn("monitor")) as db:
        if options.states:
            drawn = db.state_diagram()
        else:
            from clients.graph import mermaid

            drawn = mermaid(db.state_machine())
    say(drawn.rstrip("\n"))
    return PASSED


def doctor(_: argparse.Namespace) -> int:
    """Say what this machine has, and what it lacks."""
    from clients.doctor import examine

    return PASSED if examine(say) else NOT_PASSED


# ---------------------------------------------------------------------------- their parts


def _import_library(server: Any, options: argparse.Namespace) -> int:
    """Store KiCad's installed libraries for whoever searches them, if they are not."""
    from clients.api import Api
    from clients.llm.libraries import index_libraries

    if options.file or options.dry_run:
        raise Stop("library takes no file and no --dry-run: it is what is installed here", BAD_INPUT)
    with Api.connect(server.dsn("admin")) as admin:
        stored = index_libraries(admin, lambda _: None)
    counts = ", ".join(f"{rows} {kind}" for kind, rows in stored.items())
    say(f"{LIBRARY}: {counts or 'what is installed here is stored already'}")
    return PASSED


def _rounds(word: str) -> int:
    if not word.isdecimal() or int(word) < 3:
        raise argparse.ArgumentTypeError("a median needs three turns or more")
    return int(word)


def _add_control(add: Callable[[Callable[[argparse.Namespace], int]], argparse.ArgumentParser]) -> None:
    """The commands that clients.control does."""
    command = add(agent)
    command.add_argument(
        "action", choices=["list", "create", "change", "rotate", "revoke", "pause", "resume", "model"]
    )
    command.add_argument("agent", nargs="?", metavar="NAME", help="the agent; its login has the same name")
    command.add_argument(
        "pairs", nargs="*", metavar="KEY=VALUE", help="for model: settings; KEY= goes back to the default"
    )
    command.add_argument("--listen", metavar="A,B", help="channels whose notifications it receives")
    command.add_argument("--notify", metavar="A,B", help="channels on which it may send")
    command.add_argument("--replicas", type=int, metavar="N", help="processes that may share the login")
    command.add_argument("--slots", type=int, metavar="N", help="tasks in hand at once; 0 for no limit")
    command.add_argument("--attempts", type=int, metavar="N", help="how often a task is tried")
    command.add_argument("--model", metavar="JSON", help="all settings of its language model")
    command.add_argument("--front-end", action="store_true", help="it brings users' messages in")
    command = add(settings)
    command.add_argument("setting", nargs="?", metavar="NAME", help="show this one")
    command.add_argument("value", nargs="?", metavar="VALUE", help="set it to this")
    command = add(forget)
    command.add_argument(
        "front_end", metavar="FRONT_END", help="how the person came: terminal, discord_bot, web_user"
    )
    command.add_argument("account", metavar="ACCOUNT", help="their account there; for Discord their number")
    command.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    command = add(discord)
    command.add_argument("action", choices=["invite", "allow", "deny", "list"])
    command.add_argument(
        "kind", nargs="?", choices=["guild", "channel"], help="a channel counts with its threads"
    )
    command.add_argument("place", nargs="?", metavar="ID", help="Discord's number of it")
    for run in (import_, export):
        command = add(run)
        more = "; library for KiCad's installed symbols and footprints" if run is import_ else ""
        command.add_argument("kind", help=f"parts, users, designs or settings{more}")
        if run is import_:
            command.add_argument(
                "file", nargs="?", help="a .csv with a header, a JSON array or JSON lines; UTF-8"
            )
            command.add_argument(
                "--dry-run", action="store_true", help="say what would happen, write nothing"
            )
        else:
            command.add_argument(
                "file",
                nargs="?",
                help=".csv, .json or .jsonl by its name; without it JSON lines to the terminal",
            )


def _add_gateway(add: Callable[[Callable[[argparse.Namespace], int]], argparse.ArgumentParser]) -> None:
    """The commands for apps and web pages."""
    command = add(gateway)
    command.add_argument("--host", metavar="H", help="where to listen (default: 127.0.0.1)")
    command.add_argument("--port", type=int, metavar="N", help="default: 8080; 0 for any that is free")
    command = add(token)
    command.add_argument("account", metavar="ACCOUNT", help="for whom; the same account is the same person")
    command.add_argument("--hours", type=float, default=12, metavar="N", help="how long it is valid (12)")
    command.add_argument("--name", metavar="N", help="the name to show")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mas", description="Say in plain words what circuit board you need.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def add(run: Callable[[argparse.Namespace], int], measures: bool = False) -> argparse.ArgumentParser:
        command = commands.add_parser(
            run.__name__.rstrip("_"), help=run.__doc__, description=run.__doc__, allow_abbrev=False
        )
        command.set_defaults(run=run)
        if measures:
            command.add_argument("--json", metavar="FILE", help="write the goals and the raw figures to FILE")
            command.add_argument("--quick", action="store_true", help="a run under 50 s")
        return command

    command = add(design)
    command.add_argument(
        "brief", nargs="*", help="what you need, in plain English; - reads it from standard input"
    )
    command.add_argument("--out", default="out", metavar="DIR", help="where the files go (default: out)")
    command.add_argument("--yes", action="store_true", help="take the defaults instead of asking")
    command.add_argument("--resume", type=int, metavar="N", help="go on with design N")
    command.add_argument(
        "--attach", nargs="+", default=[], metavar="FILE", help="files that a language model shall read"
    )
    command = add(files)
    command.add_argument("design", type=int, metavar="N", help="the design's number")
    command.add_argument("--out", default="out", metavar="DIR", help="where they go (default: out)")
    command = add(up)
    command.add_argument("--replicas", type=int, default=1, metavar="N", help="processes of each agent")
    command.add_argument("--gateway", action="store_true", help="also the API and the status page")
    _add_gateway(add)
    add(deploy)
    command = add(psql)
    command.add_argument("--role", default="admin", help="the role to log in as (default: admin)")
    command.add_argument("-c", dest="sql", metavar="SQL", help="run this and leave")
    add(stop)
    add(test)
    add(lint)
    command = add(briefs, measures=True)
    command.add_argument("--briefs", default=str(CHECKOUT / "tests/system/briefs.json"), metavar="FILE")
    command = add(eval_, measures=True)
    command.add_argument(
        "--provider",
        choices=["catalog", "huggingface"],
        help="who designs; the model's server by LLM_BASE_URL",
    )
    command.add_argument(
        "--model", metavar="NAME", help="the model; without it the agents' own, or LLM_MODEL"
    )
    command.add_argument("--briefs", metavar="FILE", help="a JSON or YAML list of {id, grade, text}")
    command.add_argument(
        "--replay", metavar="RUN", help="repeat the run of these designs (12-14,16) from its recordings"
    )
    command = add(layout, measures=True)
    command.add_argument(
        "--bench", action="store_true", required=True, help="measure on the benchmark's boards"
    )
    command = add(bench, measures=True)
    command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these measures")
    command.add_argument("--plot", metavar="FILE", help="draw the figures into FILE, as SVG")
    command.add_argument("--rounds", type=_rounds, metavar="N", help="turns of each system, 3 or more")
    add(hostile, measures=True)
    _add_control(add)
    command = add(graph)
    command.add_argument(
        "--states", action="store_true", help="the states and what moves a design between them"
    )
    add(doctor)
    return parser


if __name__ == "__main__":
    sys.exit(main())
