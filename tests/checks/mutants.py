"""Faults to plant into a good intent; every function changes a copy and gives it back."""

from __future__ import annotations

import copy
from collections.abc import Callable

from kicad.shapes import Intent

Change = Callable[[Intent], None]


def changed(intent: Intent, *changes: Change) -> Intent:
    """A copy with the changes made."""
    mutant = copy.deepcopy(intent)
    for change in changes:
        change(mutant)
    return mutant


def swap(ref: str, one: str, other: str) -> Change:
    """Exchange two pins of a part."""

    def change(intent: Intent) -> None:
        other_of = {one: other, other: one}
        for net in intent["nets"]:
            net["pins"] = [(r, other_of.get(n, n) if r == ref else n) for r, n in net["pins"]]

    return change


def move(ref: str, number: str, to: str) -> Change:
    """Put a pin on another net; to "" leaves it unconnected."""

    def change(intent: Intent) -> None:
        for net in intent["nets"]:
            net["pins"] = [pin for pin in net["pins"] if tuple(pin) != (ref, number)]
            if net["name"] == to:
                net["pins"].append((ref, number))
        if to and not any(net["name"] == to for net in intent["nets"]):
            intent["nets"].append({"name": to, "pins": [(ref, number)]})
        intent["nets"] = [net for net in intent["nets"] if net["pins"]]

    return change


def drop(ref: str) -> Change:
    """Remove a part; nets that end up with one pin go too."""

    def change(intent: Intent) -> None:
        intent["parts"] = [part for part in intent["parts"] if part["ref"] != ref]
        for net in intent["nets"]:
            net["pins"] = [pin for pin in net["pins"] if pin[0] != ref]
        intent["near"] = [near for near in intent["near"] if ref not in (near["a"][0], near["b"][0])]

    return change


def value(ref: str, text: str) -> Change:
    """Give a part another value."""

    def change(intent: Intent) -> None:
        for part in intent["parts"]:
            if part["ref"] == ref:
                part["value"] = text

    return change


def short(ref: str) -> Change:
    """Put all pins of a part on the net of its first pin: it is bridged."""

    def change(intent: Intent) -> None:
        nets = [net for net in intent["nets"] if any(pin[0] == ref for pin in net["pins"])]
        for net in nets[1:]:
            nets[0]["pins"] += net["pins"]
        intent["nets"] = [net for net in intent["nets"] if net not in nets[1:]]

    return change


def net_at(intent: Intent, ref: str, number: str) -> str:
    """The net of a pin."""
    return next(net["name"] for net in intent["nets"] if [ref, number] in [list(pin) for pin in net["pins"]])
