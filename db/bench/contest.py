"""Systems measured against each other: in one run, in turn, each time in a database that nobody has used."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.bench.cluster import TEMPLATE, Cluster, Database

if TYPE_CHECKING:
    from db.bench.programs import Programs

Goal = dict[str, Any]


@dataclass(frozen=True)
class Load:
    """What one run gave: tasks a second, and microseconds of the server's CPU for each."""

    rate: float
    cpu_us: float
    tasks: int


@dataclass(frozen=True)
class Contender:
    """A way to do the work: `drive` runs it for so many seconds in a clone of `template`."""

    name: str
    drive: Callable[[Bench, Database, float], Load]
    template: str = TEMPLATE


@dataclass(frozen=True)
class Plan:
    """How long and how often everything is measured."""

    quick: bool
    rounds: int
    turns: int  # of each system in a round
    seconds: float  # of one turn
    waiting: int  # tasks in a queue that is drained one by one
    waiting_for_batches: int  # and by batches
    peers: bool = True

    @classmethod
    def of(cls, quick: bool, rounds: int | None, peers: bool = True) -> Plan:
        """Quick: everything in under 50 s, too short to trust a few per cent."""
        if quick:
            return cls(True, rounds or 3, 1, 0.25, 5_000, 40_000, peers)
        return cls(False, rounds or 5, 3, 1.0, 60_000, 400_000, peers)


@dataclass
class Bench:
    """What a measure works with: the server, the plan, and the programs that drive queues through clients."""

    cluster: Cluster
    plan: Plan
    say: Callable[[str], None]
    ends: ExitStack
    _programs: dict[str, Programs] = field(default_factory=dict)

    @property
    def programs(self) -> Mapping[str, Programs]:
        """By name of their queue; started, and the peers installed, when they are first asked for."""
        from db.bench.programs import run_programs  # noqa: PLC0415 - it needs what stands above

        if not self._programs:
            self._programs = self.ends.enter_context(run_programs(self.plan.peers, self.say))
        return self._programs

    def contest(self, regime: str, contenders: Sequence[Contender]) -> Results:
        """Every contender in every round, in fresh databases: short turns side by side, another one first
        each time, so that neither a drift nor a disturbance favours anybody.
        """
        results: dict[str, list[Load]] = {each.name: [] for each in contenders}
        for round_ in range(self.plan.rounds):
            with ExitStack() as stack:
                databases = {
                    each.name: stack.enter_context(self.cluster.fresh(regime, each.template))
                    for each in contenders
                }
                for turn in range(self.plan.turns):
                    first = (round_ + turn) % len(contenders)
                    for each in (*contenders[first:], *contenders[:first]):
                        load = each.drive(self, databases[each.name], self.plan.seconds)
                        results[each.name].append(load)
        return results


Results = Mapping[str, Sequence[Load]]


def rate(results: Results, name: str) -> float:
    """Median rate of a contender, tasks a second."""
    return statistics.median(load.rate for load in results[name])


def cpu_us(results: Results, name: str) -> float:
    """Median CPU of a contender, microseconds a task."""
    return statistics.median(load.cpu_us for load in results[name])


def ratio(results: Results, name: str, other: str) -> float:
    """Median over the turns of one rate by the other: what disturbs one disturbs the other beside it."""
    pairs = zip(results[name], results[other], strict=True)
    return statistics.median(one.rate / two.rate for one, two in pairs)


def figures(results: Results) -> dict[str, Any]:
    """Medians and spread of every contender, for the report."""
    return {
        name: {
            "tasks_per_s": round(rate(results, name), 1),
            "lowest": round(min(load.rate for load in loads), 1),
            "highest": round(max(load.rate for load in loads), 1),
            "cpu_us_per_task": round(cpu_us(results, name), 1),
            "turns": [round(load.rate, 1) for load in loads],
            "tasks": sum(load.tasks for load in loads),
        }
        for name, loads in results.items()
    }


def at_least(name: str, goal: float, measured: float, unit: str) -> Goal:
    """A goal that is met from `goal` upwards; judged by the figure that is shown, which is rounded down."""
    shown = math.floor(measured * 1000) / 1000
    return {"name": name, "goal": goal, "measured": shown, "unit": unit, "met": shown >= goal, "bound": "≥"}


def at_most(name: str, goal: float, measured: float, unit: str) -> Goal:
    """A goal that is met up to `goal`; judged by the figure that is shown, which is rounded up."""
    shown = math.ceil(measured * 1000) / 1000
    return {"name": name, "goal": goal, "measured": shown, "unit": unit, "met": shown <= goal, "bound": "≤"}


def below(name: str, goal: float, measured: float, unit: str) -> Goal:
    """A goal that is met below `goal`; judged by the figure that is shown, which is rounded up."""
    shown = math.ceil(measured * 1000) / 1000
    return {"name": name, "goal": goal, "measured": shown, "unit": unit, "met": shown < goal, "bound": "<"}
