"""The manifests of a cell: strictly valid, closed, and of one mind with the database that they are for.

No cluster is here: what Kubernetes, CloudNativePG, KEDA and Fleet make of them is not tried.  What can be held without
them is: their own schemas, what kustomize builds, the SQL that the operator runs, who reaches whom, and the arithmetic.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from clients.fleet import AGENTS
from clients.server import ROLES
from db.stamp import INIT, init_sql
from tests.conftest import ROOT, Database
from tests.operations import manifests as m
from tests.operations.reach import Place, reach

VERSION = "1.37"
CUSTOM = re.compile(r"(cnpg\.io|keda\.sh|cattle\.io)/")
UNKNOWN = {"ObjectStore"}  # of the backup plugin, whose definition is not among those at hand; see below
OPERATORS = {"psql-ca"}  # Secrets that CloudNativePG makes
BY_HAND = {"gateway-tls"}  # by cert-manager, or whoever has the certificate
OWN = {
    "gateway": {"jwt-key"},
    "discord-bot": {"discord-token"},
    "client-manager": {"models"},
    "pcb-designer": {"models"},
}
SCRIPTS = {"kicad", "pcb-tester"}  # run what a model wrote, in a sandbox
PROFILE = {"type": "Localhost", "localhostProfile": "hardware_mas/kicad.json"}
LOGIN = {"exporter": "monitor", "deploy": "deployer"}  # the others log in under their own name


@pytest.fixture(scope="session")
def kubectl() -> str:
    """kubectl with its kustomize, without which nothing can be built."""
    if (found := shutil.which("kubectl")) is None:
        if os.environ.get("MAS_KUBECTL") == "required":
            pytest.fail("MAS_KUBECTL=required, and there is no kubectl")
        pytest.skip("no kubectl here, which builds the manifests")
    return found


@pytest.fixture(params=m.BUILT)
def built(request: pytest.FixtureRequest, kubectl: str) -> tuple[m.Manifest, ...]:
    """Each kustomization as it is built."""
    return m.build(request.param)


@pytest.fixture
def cell(kubectl: str) -> tuple[m.Manifest, ...]:
    """A cell as it is deployed."""
    return m.build("cells/a")


@pytest.fixture(scope="session")
def crds() -> dict[tuple[str, str], m.Manifest]:
    """Schemas of CloudNativePG, KEDA and Fleet."""
    schemas = m.crd_schemas()
    if not schemas:
        pytest.skip(
            f"no definitions in {m.CRDS}: MAS_CRDS names a folder of CloudNativePG's, KEDA's and Fleet's CRDs"
        )
    return schemas


def hold(instance: object, schema: m.Manifest) -> None:
    """Hold it to a schema; definitions are taken for sound, which would take as long as everything else."""
    jsonschema.Draft202012Validator(schema).validate(instance)


# ---------------------------------------------------------------------------- valid


@pytest.mark.parametrize("file", m.base_files(), ids=lambda file: file.name)
def test_a_file_of_kubernetes_kinds_is_strictly_valid_by_itself(file: Path) -> None:
    for manifest in m.read(file):
        if not CUSTOM.search(manifest["apiVersion"]) and manifest["kind"] not in UNKNOWN:
            kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_what_is_built_is_strictly_valid(built: tuple[m.Manifest, ...]) -> None:
    known = [x for x in built if not CUSTOM.search(x["apiVersion"]) and x["kind"] not in UNKNOWN]
    assert {"Deployment", "Job", "NetworkPolicy", "Ingress", "HorizontalPodAutoscaler"} <= {
        x["kind"] for x in known
    }
    for manifest in known:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_custom_resources_are_strictly_valid(
    built: tuple[m.Manifest, ...], crds: dict[tuple[str, str], m.Manifest]
) -> None:
    custom = [x for x in built if CUSTOM.search(x["apiVersion"]) and x["kind"] not in UNKNOWN]
    assert Counter(x["kind"] for x in custom) == {
        "Cluster": 1, "Pooler": 1, "ScheduledBackup": 1, "ScaledObject": 4, "TriggerAuthentication": 1,
    }  # fmt: skip
    for manifest in custom:
        hold(manifest, crds[manifest["apiVersion"], manifest["kind"]])
    (store,) = m.of_kind(built, "ObjectStore").values()
    cluster = crds["postgresql.cnpg.io/v1", "Cluster"]["properties"]["spec"]["properties"]
    backup = cluster["backup"].get("anyOf", [{}, cluster["backup"]])[1]["properties"]
    hold(store["spec"]["configuration"], backup["barmanObjectStore"])  # the plugin has the same type
    assert set(store["spec"]) == {"configuration", "retentionPolicy"}


def test_a_mistyped_field_is_refused(
    crds: dict[tuple[str, str], m.Manifest], cell: tuple[m.Manifest, ...]
) -> None:
    """The strictness itself: a field that no definition has, deep inside, in each kind."""
    (cluster,) = m.of_kind(cell, "Cluster").values()
    wrong = json.loads(json.dumps(cluster))
    wrong["spec"]["postgresql"]["synchronous"]["dataDurabilty"] = "required"
    with pytest.raises(jsonschema.ValidationError, match="dataDurabilty"):
        hold(wrong, crds["postgresql.cnpg.io/v1", "Cluster"])
    deployment = json.loads(json.dumps(m.of_kind(cell, "Deployment")["kicad"]))
    deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"]["runAsNonRot"] = True
    with pytest.raises(kubernetes_validate.ValidationError, match="runAsNonRot"):
        kubernetes_validate.validate(deployment, VERSION, strict=True)


def test_fleet_knows_the_bundle_and_every_cell(crds: dict[tuple[str, str], m.Manifest]) -> None:
    (bundle,) = m.read(m.KUBERNETES / "fleet.yaml")
    for repository in m.read(m.KUBERNETES / "gitrepo.yaml"):
        hold(repository, crds["fleet.cattle.io/v1alpha1", "GitRepo"])
    spec = crds["fleet.cattle.io/v1alpha1", "Bundle"]["properties"]["spec"]
    customizations = bundle.pop("targetCustomizations")
    hold(bundle, spec)
    targets = spec["properties"]["targets"]
    hold(customizations, targets.get("anyOf", [{}, targets])[-1])


def test_every_cell_has_a_cluster_and_nobody_else_gets_anything() -> None:
    (bundle,) = m.read(m.KUBERNETES / "fleet.yaml")
    *chosen, last = bundle["targetCustomizations"]
    assert last == {"name": "none", "clusterSelector": {}, "doNotDeploy": True}
    folders = [each["kustomize"]["dir"] for each in chosen]
    cells = {f"cells/{folder.name}" for folder in (m.KUBERNETES / "cells").iterdir()}
    assert set(folders) == cells | {"overlays/staging"}
    labels = [each["clusterSelector"]["matchLabels"]["hardware-mas/cell"] for each in chosen]
    assert len(set(labels)) == len(labels)
    assert [f"cells/{label}" for label in labels if label != "staging"] == [f for f in folders if f in cells]


@pytest.mark.usefixtures("kubectl")
def test_no_two_cells_share_a_place_for_backups_or_a_name() -> None:
    folders = ["overlays/staging", *(f"cells/{folder.name}" for folder in (m.KUBERNETES / "cells").iterdir())]
    stores = [m.of_kind(m.build(f), "ObjectStore")["backups"]["spec"]["configuration"] for f in folders]
    hosts = [m.of_kind(m.build(f), "Ingress")["gateway"]["spec"]["rules"][0]["host"] for f in folders]
    assert len({store["destinationPath"] for store in stores}) == len(set(hosts)) == len(folders)


@pytest.mark.usefixtures("kubectl")
def test_a_cell_can_begin_with_what_a_lost_one_left(
    crds: dict[tuple[str, str], m.Manifest], tmp_path: Path
) -> None:
    tree = tmp_path / "kubernetes"
    shutil.copytree(m.KUBERNETES, tree)
    file = tree / "cells" / "a" / "kustomization.yaml"
    file.write_text(file.read_text().replace("resources:", "components: [../../recovery]\nresources:"))
    recovered = m.build(str(file.parent))
    (cluster,) = m.of_kind(recovered, "Cluster").values()
    hold(cluster, crds["postgresql.cnpg.io/v1", "Cluster"])
    assert set(cluster["spec"]["bootstrap"]) == {"recovery"}
    (source,) = cluster["spec"]["externalClusters"]
    assert source["name"] == cluster["spec"]["bootstrap"]["recovery"]["source"]
    stores = m.of_kind(recovered, "ObjectStore")
    assert source["plugin"]["parameters"]["barmanObjectName"] in stores
    assert len({s["spec"]["configuration"]["destinationPath"] for s in stores.values()}) == len(stores) == 2
    assert source["plugin"]["name"] == cluster["spec"]["plugins"][0]["name"]


# ---------------------------------------------------------------------------- closed


def test_every_container_is_closed_and_bounded(built: tuple[m.Manifest, ...]) -> None:
    for name, pod in m.pods(built).items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["serviceAccountName"] == name
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["terminationGracePeriodSeconds"] > 10  # which is what handing work back may take
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert {next(iter(set(v) - {"name"})) for v in spec["volumes"]} <= {"emptyDir", "projected"}
        for container in m.containers(pod):
            assert {k: v for k, v in container["securityContext"].items() if k != "seccompProfile"} == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}, name
            assert {v["mountPath"] for v in container["volumeMounts"]} == {"/run/secrets", "/tmp"}


def test_the_namespace_admits_nothing_less(built: tuple[m.Manifest, ...]) -> None:
    labels = m.of_kind(built, "Namespace")["hardware-mas"]["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {
        "restricted"
    }
    outside = {x["kind"] for x in built if x["metadata"].get("namespace") != "hardware-mas"}
    assert outside == {"Namespace"}


@pytest.mark.parametrize("folder", m.DEPLOYED)
@pytest.mark.usefixtures("kubectl")
def test_every_image_is_of_one_named_release_and_so_is_the_job(folder: str) -> None:
    built = m.build(folder)
    images = {c["image"] for pod in m.pods(built).values() for c in m.containers(pod)}
    assert {image.rpartition("/")[2].partition(":")[0] for image in images} == {
        "container_mas", "container_kicad", "container_frontend_connect", "container_monitoring",
    }  # fmt: skip
    (tag,) = {image.rpartition(":")[2] for image in images}
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag)
    assert list(m.of_kind(built, "Job")) == [f"deploy-{tag}"]
    psql = m.of_kind(built, "Cluster")["psql"]["spec"]["imageName"]
    assert re.search(r":17\.\d+-", psql), psql


def test_whoever_runs_scripts_has_the_profile_for_it_and_shows_that_its_sandbox_holds(
    built: tuple[m.Manifest, ...],
) -> None:
    for name, pod in m.pods(built).items():
        (process,) = pod["spec"]["containers"]
        profile = process["securityContext"].get("seccompProfile")
        scripts = name in SCRIPTS
        assert profile == (PROFILE if scripts else None), name
        assert ("startupProbe" in process) is scripts
        assert "runtimeClassName" not in pod["spec"]
        if scripts:
            assert process["startupProbe"]["exec"]["command"] == ["python", "-m", "kicad.sandbox"]


@pytest.mark.usefixtures("kubectl")
def test_a_cell_may_put_gvisor_beneath_them(tmp_path: Path) -> None:
    tree = tmp_path / "kubernetes"
    shutil.copytree(m.KUBERNETES, tree)
    file = tree / "cells" / "a" / "kustomization.yaml"
    file.write_text(file.read_text().replace("resources:", "components: [../../gvisor]\nresources:"))
    under = m.build(str(file.parent))
    assert m.of_kind(under, "RuntimeClass")["gvisor"]["handler"] == "runsc"
    for name, pod in m.pods(under).items():
        assert pod["spec"].get("runtimeClassName") == ("gvisor" if name in SCRIPTS else None)
        assert not any("seccompProfile" in c["securityContext"] for c in m.containers(pod))


def test_a_pod_mounts_its_own_secrets_and_no_environment_has_one(built: tuple[m.Manifest, ...]) -> None:
    for name, pod in m.pods(built).items():
        role = LOGIN.get(name, name)
        mounted = m.mounted_secrets(pod)
        assert set(mounted) == {f"login-{role}", "psql-ca"} | OWN.get(name, set()), name
        assert mounted["psql-ca"] == ["ca.crt"]  # its key is there, too, and stays there
        assert mounted[f"login-{role}"] == ["password"]
        for container in m.containers(pod):
            assert not any("secretRef" in source for source in container.get("envFrom", []))
            assert not any("secretKeyRef" in each.get("valueFrom", {}) for each in container.get("env", []))
    for manifest in built:
        assert manifest["kind"] != "Secret"


def test_every_process_has_what_a_node_that_fails_or_is_drained_asks_for(
    built: tuple[m.Manifest, ...],
) -> None:
    budgets = m.of_kind(built, "PodDisruptionBudget")
    scaled = {name.replace("_", "-") for name in AGENTS} | {"gateway"}
    assert set(budgets) == scaled  # of one bot, one exporter, a budget would be a lock or nothing
    for name, deployment in m.of_kind(built, "Deployment").items():
        spec = deployment["spec"]
        pod = spec["template"]["spec"]
        assert {c["topologyKey"] for c in pod["topologySpreadConstraints"]} == {
            "topology.kubernetes.io/zone", "kubernetes.io/hostname",
        }  # fmt: skip
        assert "readinessProbe" in pod["containers"][0]
        assert ("livenessProbe" in pod["containers"][0]) == (name == "gateway")
        assert ("replicas" in spec) == (name not in scaled)  # else each apply would set it back
        if name in budgets:
            assert budgets[name]["spec"] == {"maxUnavailable": 1, "selector": spec["selector"]}


def test_what_is_started_is_there(built: tuple[m.Manifest, ...]) -> None:
    modules = {
        c["args"][0] for pod in m.pods(built).values() for c in m.containers(pod) if c["args"] != ["exporter"]
    }
    assert {*AGENTS.values(), "clients.discord_bot", "clients.gateway", "clients.cli"} < modules
    assert [module for module in sorted(modules) if find_spec(module) is None] == []


# ---------------------------------------------------------------------------- secrets


@pytest.mark.usefixtures("kubectl")
def test_every_secret_that_is_named_is_made_once_for_its_purpose(
    cell: tuple[m.Manifest, ...], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a token of Discord's")
    done = subprocess.run(
        [m.KUBERNETES / "secrets"],
        env=os.environ | {"DISCORD_TOKEN_FILE": str(token)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {s["metadata"]["name"]: s for s in yaml.safe_load_all(done.stdout) if s}
    for secret in made.values():
        assert secret["metadata"]["labels"] == {"cnpg.io/reload": "true"}
        kubernetes_validate.validate(secret, VERSION, strict=True)
    assert made.keys() | OPERATORS | BY_HAND == set(_named(cell))
    assert made.keys() >= {f"login-{role.replace('_', '-')}" for role in (*ROLES, "deployer")}
    keys = {name: set(secret["data"]) for name, secret in made.items()}
    for reference, key in _keys(cell):
        assert reference in OPERATORS | BY_HAND or key in keys[reference], (reference, key)
    passwords = [s["data"]["password"] for s in made.values() if s["type"] == "kubernetes.io/basic-auth"]
    assert len(set(passwords)) == len(passwords) == len(ROLES) + 1


def _named(manifests: tuple[m.Manifest, ...]) -> list[str]:
    return [name for name, _ in _keys(manifests)]


def _keys(manifests: tuple[m.Manifest, ...]) -> list[tuple[str, str]]:
    """(Secret, key) for each that is referred to."""
    found = [
        (n, k)
        for pod in m.pods(manifests).values()
        for n, ks in m.mounted_secrets(pod).items()
        for k in ks or [""]
    ]
    found = [(name, key) for name, key in found if key] + [
        (name, {"jwt-key": "jwt_key", "discord-token": "discord_token", "models": "hf_token"}[name])
        for name, key in found
        if not key
    ]
    spec = m.of_kind(manifests, "Cluster")["psql"]["spec"]
    found += [(r["passwordSecret"]["name"], "password") for r in spec["managed"]["roles"]]
    found += [(spec["bootstrap"]["initdb"]["secret"]["name"], "username")]
    scaler = m.of_kind(manifests, "TriggerAuthentication")["scaler"]["spec"]["secretTargetRef"]
    found += [(each["name"], each["key"]) for each in scaler]
    s3 = m.of_kind(manifests, "ObjectStore")["backups"]["spec"]["configuration"]["s3Credentials"]
    found += [(each["name"], each["key"]) for each in s3.values()]
    return found + [
        (each["secretName"], "tls.crt") for each in m.of_kind(manifests, "Ingress")["gateway"]["spec"]["tls"]
    ]


# ---------------------------------------------------------------------------- of one mind with the database


def test_the_administrators_sql_is_that_of_db() -> None:
    assert INIT.read_text() == init_sql(), "db/roles or db/bootstrap.sql changed: run `python -m db.stamp`"


@pytest.mark.parametrize("folder", m.DEPLOYED)
@pytest.mark.usefixtures("kubectl")
def test_postgresql_is_set_as_in_its_container(folder: str) -> None:
    cluster = m.of_kind(m.build(folder), "Cluster")["psql"]["spec"]
    lines = (ROOT / "deploy/postgres/postgresql.conf").read_text().splitlines()
    found = [re.match(r"(\w[\w.]*) = '?([^'#]*?)'?\s*(#.*)?$", line) for line in lines]
    wanted = {each[1]: each[2] for each in found if each}
    # the operator's own business: where it listens, its certificates, its files, libraries by their settings, archiving
    operators = {
        "listen_addresses", "hba_file", "ident_file", "ssl", "ssl_cert_file", "ssl_key_file", "shared_preload_libraries",
        "log_line_prefix", "archive_mode", "archive_command",
    }  # fmt: skip
    wanted = {name: value for name, value in wanted.items() if name not in operators} | _memory(cluster)
    wanted.setdefault("archive_timeout", "1min")
    assert cluster["postgresql"]["parameters"] == wanted
    assert cluster["resources"]["requests"]["memory"] == cluster["resources"]["limits"]["memory"]


def _memory(cluster: dict[str, Any]) -> dict[str, str]:
    """What the container's own start makes of this memory."""
    limit = int(cluster["resources"]["limits"]["memory"].removesuffix("Gi")) << 30
    functions = (ROOT / "deploy/postgres/start").read_text().partition('\nif [ "$1"')[0]
    script = f"{functions}\nmemory_limit() {{ echo {limit}; }}\nsettings"
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    return dict(word.split("=") for word in said.split() if word != "-c")


@pytest.mark.parametrize("folder", m.DEPLOYED)
@pytest.mark.usefixtures("kubectl")
def test_logins_have_connections_for_every_process_and_the_server_for_every_login(
    folder: str, database: Database
) -> None:
    built = m.build(folder)
    cluster = m.of_kind(built, "Cluster")["psql"]["spec"]
    limits = {role["name"]: role["connectionLimit"] for role in cluster["managed"]["roles"]}
    assert set(limits) == set(ROLES)
    apart = 3 + 10  # reserved for superusers; the operator, the replicas' and deployer's sessions
    assert sum(limits.values()) + apart <= int(cluster["postgresql"]["parameters"]["max_connections"])
    with database.connect("monitor") as monitor:
        rooms = dict(monitor.execute("select name, replicas from list_agents()").fetchall())
    scaled = m.of_kind(built, "ScaledObject")
    assert {name.replace("-", "_") for name in scaled} == set(AGENTS)
    for name, scaler in scaled.items():
        agent, most = name.replace("-", "_"), scaler["spec"]["maxReplicaCount"]
        assert scaler["spec"]["minReplicaCount"] <= most <= rooms[agent]
        assert limits[agent] == 3 * rooms[agent]  # what fit_logins makes of it
        update = m.of_kind(built, "Deployment")[name]["spec"]["strategy"]["rollingUpdate"]
        assert update == {"maxSurge": 0, "maxUnavailable": "25%"}
        ending = -(-most // 4)  # those that hand their work back while others take their place
        assert 2 * (most + ending) <= limits[agent]  # one connection works, one keeps the lease
    assert 2 * len(scaled) <= limits["scaler"]  # each asks by itself, and once more when KEDA starts again
    _gateway_fits(built, limits["gateway"])


def _gateway_fits(built: tuple[m.Manifest, ...], limit: int) -> None:
    (process,) = m.pods(built)["gateway"]["spec"]["containers"]
    each = int(next(e["value"] for e in process["env"] if e["name"] == "MAS_GATEWAY_CONNECTIONS"))
    processes = (
        m.of_kind(built, "HorizontalPodAutoscaler")["gateway"]["spec"]["maxReplicas"] + 1
    )  # one that is ending
    pooler = m.of_kind(built, "Pooler")["psql-pooler"]["spec"]
    pooled = (pooler["instances"] + 1) * int(pooler["pgbouncer"]["parameters"]["default_pool_size"])
    assert pooler["pgbouncer"]["poolMode"] == "transaction"
    assert pooled + processes <= limit  # the listeners go directly
    assert processes * each <= int(pooler["pgbouncer"]["parameters"]["max_client_conn"])
    assert processes * (each + 1) <= limit  # without the pooler, too


# ---------------------------------------------------------------------------- who reaches whom

OUTSIDE = [
    Place(
        "ingress controller", "10.244.9.1", "ingress-nginx", (("app.kubernetes.io/component", "controller"),)
    ),
    Place("prometheus", "10.244.9.2", "monitoring", (("app.kubernetes.io/name", "prometheus"),)),
    Place("keda", "10.244.9.3", "keda", (("app", "keda-operator"),)),
    Place("cnpg operator", "10.244.9.4", "cnpg-system", (("app.kubernetes.io/name", "cloudnative-pg"),)),
    Place("dns", "10.244.9.5", "kube-system", (("k8s-app", "kube-dns"),)),
    Place("a neighbour", "10.244.9.6", "default", (("app", "gateway"), ("reaches-database", "yes"))),
    Place("kubernetes", "10.96.0.1"),
    Place("a node", "172.20.0.4"),
    Place("metadata", "169.254.169.254"),
    Place("metadata by IPv6", "fd00:ec2::254"),
    Place("another provider's metadata", "100.100.100.200"),
    Place("the internet", "140.82.121.4"),
    Place("the internet by IPv6", "2606:4700::6810:85e5"),
]
CNPG = [
    Place(
        "psql", "10.244.1.1", "hardware-mas", (("cnpg.io/cluster", "psql"), ("cnpg.io/podRole", "instance"))
    ),
    Place(
        "psql job", "10.244.1.2", "hardware-mas", (("cnpg.io/cluster", "psql"), ("cnpg.io/jobRole", "join"))
    ),
    Place(
        "pooler",
        "10.244.1.3",
        "hardware-mas",
        (("cnpg.io/cluster", "psql"), ("cnpg.io/poolerName", "psql-pooler")),
    ),
]
PORTS = [("TCP", port) for port in (22, 53, 80, 443, 5432, 6443, 8000, 8080, 9187, 9127)] + [
    ("UDP", 53),
    ("UDP", 123),
]


def test_who_reaches_whom_is_the_committed_table(cell: tuple[m.Manifest, ...]) -> None:
    """Every pair of places and every port, held to tests/operations/reach.json: source → target → ports."""
    policies = list(m.of_kind(cell, "NetworkPolicy").values())
    ours = [
        Place(name, f"10.244.2.{n}", "hardware-mas", tuple(pod["metadata"]["labels"].items()))
        for n, (name, pod) in enumerate(sorted(m.pods(cell).items()), 1)
    ]
    inside = [*ours, *CNPG]
    found: dict[str, dict[str, list[str]]] = {}
    for source in [*inside, *OUTSIDE]:
        for target in [*inside, *OUTSIDE]:
            if (source is target and source.name != "psql") or {source, target} <= set(OUTSIDE):
                continue
            open_ports = [f"{p}/{n}" for p, n in PORTS if reach(policies, source, target, (p, n))]
            if open_ports:
                found.setdefault(source.name, {})[target.name] = open_ports
    table = json.loads((Path(__file__).parent / "reach.json").read_text())
    assert found == table, json.dumps(found, indent=1)


def test_a_stranger_in_the_namespace_reaches_names_alone(cell: tuple[m.Manifest, ...]) -> None:
    policies = list(m.of_kind(cell, "NetworkPolicy").values())
    stranger = Place("a stranger", "10.244.2.99", "hardware-mas", (("app", "stranger"),))
    open_to = {
        (target.name, port)
        for target in [*CNPG, *OUTSIDE]
        for port in PORTS
        if reach(policies, stranger, target, port)
    }
    assert open_to == {("dns", ("UDP", 53)), ("dns", ("TCP", 53))}
