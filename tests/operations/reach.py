"""Who may reach whom, computed from NetworkPolicies.

A connection is made when the policies of its source let it out and those of its target let it in; whom no policy
selects is open.  An ipBlock matches pods, too, by their address, because some networks see it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from tests.operations.manifests import Manifest

Port = tuple[str, int]


@dataclass(frozen=True)
class Place:
    """A pod, or an address outside of the cluster (then without a namespace)."""

    name: str
    address: str
    namespace: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


def reach(policies: list[Manifest], source: Place, target: Place, port: Port) -> bool:
    """Whether the source may connect to this port of the target."""
    leaves = _allowed(policies, "Egress", source, target, port)
    return leaves and _allowed(policies, "Ingress", target, source, port)


def _allowed(policies: list[Manifest], way: str, here: Place, there: Place, port: Port) -> bool:
    mine = [p for p in policies if way in p["spec"]["policyTypes"] and _selects(p, here)]
    if not mine:
        return True
    side = "to" if way == "Egress" else "from"
    return any(
        _port(rule, port) and _peer(rule.get(side), policy["metadata"]["namespace"], there)
        for policy in mine
        for rule in policy["spec"].get(way.lower(), [])
    )


def _selects(policy: Manifest, place: Place) -> bool:
    same = policy["metadata"]["namespace"] == place.namespace
    return same and _matches(policy["spec"]["podSelector"], dict(place.labels))


def _port(rule: Manifest, port: Port) -> bool:
    ports = rule.get("ports")
    return not ports or any((p.get("protocol", "TCP"), p["port"]) == port for p in ports)


def _peer(peers: list[Manifest] | None, namespace: str, place: Place) -> bool:
    return not peers or any(_is(peer, namespace, place) for peer in peers)


def _is(peer: Manifest, namespace: str, place: Place) -> bool:
    if "ipBlock" in peer:
        address, block = ip_address(place.address), peer["ipBlock"]
        return address in ip_network(block["cidr"]) and not any(
            address in ip_network(each) for each in block.get("except", [])
        )
    if place.namespace is None:
        return False
    names = {"kubernetes.io/metadata.name": place.namespace}
    there = (
        _matches(peer["namespaceSelector"], names)
        if "namespaceSelector" in peer
        else place.namespace == namespace
    )
    return there and _matches(peer.get("podSelector", {}), dict(place.labels))


def _matches(selector: Manifest, labels: dict[str, Any]) -> bool:
    wanted = selector.get("matchLabels", {}).items()
    return all(labels.get(k) == v for k, v in wanted) and all(
        _holds(each, labels) for each in selector.get("matchExpressions", [])
    )


def _holds(expression: Manifest, labels: dict[str, Any]) -> bool:
    key, values = expression["key"], expression.get("values", [])
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[expression["operator"]]
