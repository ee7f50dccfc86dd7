"""What is done to an installation while it sells."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.topics import SERVICES
from stack.errors import StackError

from journeys.kubernetes.cluster import CNPG, wait_for
from journeys.kubernetes.install import INSTANCES, Installation
from journeys.kubernetes.trial import RELEASE

SCALED: Final = ("delivery", "orders")
KEPT: Final = "orders"  # has a second replica while its node is drained
SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something done under load.

    `cuts` are the services of which every replica ends at once, so that nobody answers for a while; of all others no
    connection may be cut or refused. Where `away` is true the database, Kafka or a service that others ask is away, and
    an answer 503 is allowed.
    """

    what: str
    do: Callable[[Installation], None]
    cuts: Collection[str] = ()
    away: bool = False


def upgrade() -> Disturbance:
    """Return a rolling upgrade of every service: all pods are replaced, one after the other."""
    return Disturbance("a rolling upgrade of every service to this commit's images", _upgrade)


def disturbances(one: Installation) -> Sequence[Disturbance]:
    """Return all that is done, in this order."""
    failover = (
        "PostgreSQL's first instance killed, the second takes over" if one.cnpg else "PostgreSQL's one pod deleted"
    )
    others = [name for name in SERVICES if name != KEPT]
    return (
        upgrade(),
        Disturbance("delivery and orders scaled from 1 to 3 and back", _scale),
        Disturbance(failover, _fail_over, away=True),
        Disturbance("Kafka restarted", _restart_kafka, away=True),
        Disturbance(f"a node drained, on which {KEPT} has two replicas", _drain, cuts=others, away=True),
        Disturbance("a rollback to the images of the commit before, on this one's schema", _roll_back),
        Disturbance("the pod of every service deleted", _delete_pods, cuts=SERVICES),
    )


def _upgrade(one: Installation) -> None:
    before = one.pods()
    one.install(one.now)
    if left := before & one.pods():
        raise StackError(f"{', '.join(left)} still runs as it was")


def _roll_back(one: Installation) -> None:
    one.cluster.helm("rollback", RELEASE, "--wait", "--timeout", "600s")


def _scale(one: Installation) -> None:
    for count in (3, 1):
        for name in SCALED:
            one.cluster.kubectl("scale", f"deployment/{RELEASE}-{name}", f"--replicas={count}")
        for name in SCALED:
            one.stack.wait_ready(name)


def _delete_pods(one: Installation) -> None:
    for name in SERVICES:
        selector = f"app.kubernetes.io/name={name},app.kubernetes.io/component=serve"
        one.cluster.kubectl("delete", "pod", "--wait=false", "-l", selector)
        one.stack.wait_ready(name)


def _restart_kafka(one: Installation) -> None:
    one.cluster.kubectl("delete", "pod", "trial-kafka-0")
    one.cluster.kubectl("rollout", "status", "statefulset/trial-kafka", f"--timeout={SECONDS}s")


def _fail_over(one: Installation) -> None:
    if not one.cnpg:
        one.cluster.kubectl("delete", "pod", "-l", "app.kubernetes.io/name=trial-postgres")
        one.cluster.kubectl("rollout", "status", "statefulset/trial-postgres", f"--timeout={SECONDS}s")
        return

    def state() -> Any:
        return one.cluster.get(CNPG, f"{RELEASE}-postgres")["status"]

    first = state()["currentPrimary"]
    one.cluster.kubectl("delete", "pod", first, "--force", "--grace-period=0")
    wait_for(lambda: state()["currentPrimary"] != first, "another instance to take over", SECONDS)
    wait_for(lambda: state().get("readyInstances") == INSTANCES, "both instances", SECONDS)


def _drain(one: Installation) -> None:
    """Drain a node of the services. Where it is the only one, the last replica stays until it takes pods again."""
    cluster, deployment = one.cluster, f"deployment/{RELEASE}-{KEPT}"
    cluster.kubectl("scale", deployment, "--replicas=2")
    one.stack.wait_ready(KEPT)
    before, node = one.pods(), cluster.get("nodes")["items"][0]["metadata"]["name"]
    how = ("--ignore-daemonsets", "--delete-emptydir-data", "--pod-selector=app.kubernetes.io/component=serve")
    with cluster.meanwhile("drain", node, *how, f"--timeout={SECONDS}s") as drain:
        while drain.poll() is None:
            if not cluster.get(deployment)["status"].get("readyReplicas"):
                raise StackError(f"the budget for disruptions was not kept: nobody is left of {KEPT}")
            if len(before & one.pods()) <= 1:
                cluster.kubectl("uncordon", node)
            time.sleep(0.5)
    cluster.kubectl("uncordon", node)
    cluster.kubectl("scale", deployment, f"--replicas={one.replicas}")
    for name in SERVICES:
        one.stack.wait_ready(name)
