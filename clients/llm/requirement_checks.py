"""What is wrong with a requirement that a model has made, each thing a sentence that it can be sent back."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from clients.catalog.text import clean
from clients.llm.requirement_schema import REQUIREMENT, ROLES

MOST_COMPLAINTS = 5
MOST_ERRORS = 100  # that are looked for: a megabyte of wrong entries has 300,000, of a kilobyte each
MOST_PARTS = 300  # pieces of all named parts together
# What a measure needs besides its limits, and the roles that its port may have.
_NEEDS = {
    "cutoff_Hz": ("port", "source", "kind"),
    "output_V": ("port",),
    "on_voltage_V": ("port", "load_A", "logic_V"),
    "off_current_A": ("port",),
}
_PORT_ROLES = {
    "cutoff_Hz": ("signal_out", "signal"),
    "output_V": ("supply_out",),
    "on_voltage_V": ("load",),
    "off_current_A": ("load",),
}
_VALIDATOR = Draft202012Validator(REQUIREMENT)


def complaints(made: Any) -> list[str]:
    """What is wrong with a requirement as a model made it, at most five sentences; [] when it holds."""
    found = schema_complaints(_VALIDATOR, made, "requirement")
    return found or list(_cross_checks(made))[:MOST_COMPLAINTS]


def schema_complaints(validator: Draft202012Validator, value: Any, name: str) -> list[str]:
    """Where a value leaves its schema, a sentence each; of very many places some."""
    found = []
    errors = sorted(
        itertools.islice(validator.iter_errors(value), MOST_ERRORS),
        key=lambda error: [str(step) for step in error.absolute_path],
    )
    for error in errors[:MOST_COMPLAINTS]:
        deepest = error
        while deepest.context:  # of alternatives the one that is meant: an object, not null
            deepest = max(deepest.context, key=lambda each: len(each.absolute_path))
        path = deepest.absolute_path
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        said = deepest.message  # begins with the value, which may be long, and ends with the rule
        found.append(f"{name}{place}: {clean(said if len(said) <= 200 else f'{said[:80]} … {said[-110:]}')}.")
    return found


def _cross_checks(made: dict[str, Any]) -> Iterator[str]:
    yield from _strange_characters(made, "requirement")
    ports = {port["name"]: port for port in made["ports"]}
    folded = [name.casefold() for name in (port["name"] for port in made["ports"])]
    for name in sorted({name for name in ports if folded.count(name.casefold()) > 1}):
        yield f"requirement.ports: {name} is there more than once; give every port a name of its own."
    if not any(port["role"] == "ground" for port in made["ports"]):
        yield 'requirement.ports: there is no port with the role "ground"; every board has one.'
    for port in made["ports"]:
        yield from _port_checks(port)
    ids = [measure["id"] for measure in made["measures"]]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"requirement.measures: the id {name} is there more than once."
    for measure in made["measures"]:
        yield from _measure_checks(measure, ports)
    if sum(part["quantity"] for part in made["parts"]) > MOST_PARTS:
        yield f"requirement.parts: more than {MOST_PARTS} pieces are too many for a board here."


def _port_checks(port: dict[str, Any]) -> Iterator[str]:
    name, role = port["name"], port["role"]
    low, nominal, high = (port.get(f"volts_{which}") for which in ("min", "nom", "max"))
    stated = [volts for volts in (low, nominal, high) if volts is not None]
    if stated != sorted(stated):
        yield f"port {name}: volts_min, volts_nom and volts_max must rise in this order."
    if role in ("supply_in", "supply_out") and (nominal or high or low or 0) <= 0:
        yield f"port {name}: a {role} needs volts_nom (and volts_min and volts_max where it is a range)."
    if role == "supply_in" and nominal is None and (low is None or high is None):
        yield f"port {name}: give volts_nom, the usual voltage of this supply."
    if role == "supply_in" and port.get("current_A") is None:
        yield f"port {name}: give current_A, the most that the board takes; an estimate is an assumption."


def _measure_checks(measure: dict[str, Any], ports: dict[str, Any]) -> Iterator[str]:
    name, what = measure["id"], measure["what"]
    low, high = measure["min"], measure["max"]
    if low is None and high is None:
        yield f"measure {name}: give min, max or both."
    elif low is not None and high is not None and low >= high:
        yield f"measure {name}: min must be below max."
    for key in _NEEDS.get(what, ()):
        if measure.get(key) is None:
            yield f"measure {name}: {what} needs {key}."
    for key in ("port", "source"):
        at = measure.get(key)
        if at is not None and at not in ports:
            yield f"measure {name}: there is no port {at}."
    port, source = ports.get(measure.get("port") or ""), ports.get(measure.get("source") or "")
    if port is not None and port["role"] not in _PORT_ROLES.get(what, ROLES):
        yield f"measure {name}: {what} is measured at a port with the role {_PORT_ROLES[what][0]}."
    if source is not None and source["role"] != "signal_in":
        yield f"measure {name}: its source must be a port with the role signal_in."


def _strange_characters(value: Any, place: str) -> Iterator[str]:
    """Control, invisible and bidirectional characters in any text."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _strange_characters(entry, f"{place}.{key}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _strange_characters(entry, f"{place}[{number}]")
    elif isinstance(value, str) and any(unicodedata.category(char)[0] == "C" for char in value):
        yield f"{place}: the text has control or invisible characters; write it in plain characters."
    elif isinstance(value, str) and not clean(value):
        yield f"{place}: the text is empty."
