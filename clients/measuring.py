"""The commands that measure; each judges by its goals."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from clients.command import BAD_INPUT, CHECKOUT, Stop, database, install_tools, judged, say


def briefs(options: argparse.Namespace) -> int:
    """Run a file of briefs through the whole pipeline and print the table."""
    from clients.briefs import run_briefs

    with database() as server:
        return judged(options, lambda: run_briefs(server, Path(options.briefs), options.quick))


def eval_(options: argparse.Namespace) -> int:
    """Design a file of briefs with a model; print what passed by grade, attempts, tokens, cost and time."""
    from clients import evaluate

    with database() as server:
        try:
            briefs = evaluate.read_briefs(Path(options.briefs), options.quick) if options.briefs else []
            if options.replay:
                briefs = evaluate.recorded_briefs(server, options.replay, briefs)
        except evaluate.BadBriefs as error:
            raise Stop(str(error), BAD_INPUT) from error
        provider = "recorded" if options.replay else options.provider
        if not briefs or provider is None:
            raise Stop(
                "name briefs and a provider, or a run to repeat; ./mas eval --help says how", BAD_INPUT
            )
        return judged(
            options,
            lambda: evaluate.run_evaluation(server, briefs, provider, options.model, options.quick),
        )


def layout(options: argparse.Namespace) -> int:
    """Place and route the benchmark's boards."""
    from kicad.layout.bench import bench

    return judged(options, lambda: bench(options.quick))


def bench(options: argparse.Namespace) -> int:
    """Measure the queue against the bare floor and against other PostgreSQL queues."""
    from clients.server import ServerError
    from db.bench.cluster import BenchError
    from db.bench.contest import Plan
    from db.bench.plot import draw
    from db.bench.run import MEASURES
    from db.bench.run import bench as run

    if unknown := [name for name in options.only if name not in MEASURES]:
        raise Stop(f"no measure is called {unknown[0]}; there are {', '.join(MEASURES)}", BAD_INPUT)
    for file in filter(None, (options.json, options.plot)):  # asked first: a full run takes most of an hour
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).touch()
        except OSError as error:
            raise Stop(f"{file} cannot be written: {error.strerror}", BAD_INPUT) from error
    try:
        result = run(Plan.of(options.quick, options.rounds), options.only, say)
    except (BenchError, ServerError) as error:
        raise Stop(str(error)) from error
    if options.plot:
        Path(options.plot).write_text(draw(result["raw"]))
    return judged(options, lambda: result)


def hostile(options: argparse.Namespace) -> int:
    """Run the hostile scripts against the sandbox."""
    install_tools()
    sys.path.insert(0, str(CHECKOUT))
    from tests.sandbox.hostile import hostile as run

    return judged(options, lambda: run(options.quick))
