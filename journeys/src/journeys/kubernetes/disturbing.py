"""What is done to an installation while it sells."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from contracts.topics import SERVICES
from stack.errors import StackError

from journeys.kubernetes.install import Installation
from journeys.kubernetes.trial import RELEASE

SCALED: Final = ("delivery", "orders")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something done under load; in a graceful one no connection may have been cut or refused.

    An answer 503 is counted: where a machine is busy, or the database or Kafka away, a client comes again.
    """

    what: str
    do: Callable[[Installation], None]
    graceful: bool = True


def upgrade() -> Disturbance:
    """Return a rolling upgrade of every service: all pods are replaced, one after the other."""
    return Disturbance("a rolling upgrade of every service", _roll)


def _roll(one: Installation) -> None:
    before = one.pods()
    one.install(podAnnotations={"kontor/rolled": f"{time.time():.0f}"})
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
        one.cluster.kubectl("delete", "pod", "-l", f"app.kubernetes.io/name={name},app.kubernetes.io/component=serve")
        one.stack.wait_ready(name)


def _restart_kafka(one: Installation) -> None:
    one.cluster.kubectl("delete", "pod", "trial-kafka-0")
    one.cluster.kubectl("rollout", "status", "statefulset/trial-kafka", "--timeout=180s")


def _restart_postgres(one: Installation) -> None:
    selector = "cnpg.io/instanceRole=primary" if one.cnpg else "app.kubernetes.io/name=trial-postgres"
    one.cluster.kubectl("delete", "pod", "-l", selector)
    for name in SERVICES:
        one.stack.wait_ready(name)


DISTURBANCES: Final = [
    upgrade(),
    Disturbance("a rollback of every service", _roll_back),
    Disturbance("delivery and orders scaled from 1 to 3 and back", _scale),
    Disturbance("the pod of every service deleted", _delete_pods, graceful=False),
    Disturbance("PostgreSQL's first pod deleted", _restart_postgres, graceful=False),
    Disturbance("Kafka restarted", _restart_kafka, graceful=False),
]
