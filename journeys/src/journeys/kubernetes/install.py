"""Installs Kontor and what stands around it on trial; may be repeated."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from contracts.topics import SERVICES
from stack import kafka
from stack.errors import StackError
from stack.postgres import create_databases
from stack.stack import ROOT
from stack.state import State, secret, write_private

from journeys.charts.package import gather
from journeys.charts.render import CHARTS, UMBRELLA
from journeys.kubernetes import images, values
from journeys.kubernetes.cluster import CNPG, CNPG_IMAGE, NAMESPACE, RESTRICTED, Cluster, wait_for
from journeys.kubernetes.trial import RELEASE, TrialStack

SECONDS = 600
OPERATORS = ROOT / "deploy" / "standins" / "operators.sh"
INSTANCES = 2


@dataclass(slots=True)
class Installation:
    """The trial in a cluster: its state, and the values with which it is installed.

    `before` and `now` are the commits between whose images it is upgraded.
    """

    cluster: Cluster
    home: Path
    before: str
    now: str
    replicas: int = 1

    @property
    def cnpg(self) -> bool:
        """Whether PostgreSQL is CloudNativePG's."""
        return bool(self.cluster.environment.get(CNPG_IMAGE)) and self.cluster.has(CNPG)

    @property
    def stack(self) -> TrialStack:
        """The trial as the journeys use it."""
        return TrialStack(self.home, self.cluster, self.state, self.tree)

    @property
    def tree(self) -> Path:
        """The folder for the files of the commit that is installed first, whose commands run until it is upgraded."""
        return self.home / "before"

    @property
    def state(self) -> State:
        """Where its programs are reached."""
        return values.state_of(self.home, self.cluster.node())

    def bring(self) -> None:
        """Bring what a cluster that is loaded from here lacks: images of both commits, of Kafka and PostgreSQL."""
        images.surround(self.cluster)
        for commit in (self.before, self.now):
            images.bring(self.cluster, commit, self.home / "trees")

    def surround(self) -> None:
        """Gather the charts; make the namespace, Secrets, Kafka with topics, PostgreSQL with databases, the doubles."""
        gather(self.cluster.environment)
        cluster, state = self.cluster, self.state
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        cluster.kubectl("apply", "-f", "-", given=json.dumps(namespace))
        cluster.kubectl("label", "--overwrite", "namespace", NAMESPACE, *RESTRICTED)
        made = {"apiVersion": "v1", "kind": "List", "items": values.objects(self.home)}
        cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", given=json.dumps(made))
        trial = values.of_trial(state, cluster.node(), self.now, cnpg=self.cnpg)
        self._upgrade("trial", "trial", trial, "--wait")
        wait_for(lambda: asyncio.run(kafka.cluster_id(state.kafka)), "Kafka", SECONDS)
        self._prepare_broker(state)
        if not self.cnpg:
            roles = {url.rpartition("/")[2]: url for url in state.databases.values()}
            passwords = {values.role(name): values.database_password(self.home, name) for name in SERVICES}
            wait_for(lambda: _answers(state, roles, passwords), "PostgreSQL", SECONDS)

    def install(self, commit: str) -> None:
        """Install the umbrella chart, or upgrade it, with the images of a commit; returns when all is ready."""
        server = self.cluster.get("service", "trial-names")["spec"]["clusterIP"]
        given = values.of_kontor(self.state, server, cnpg=self.cnpg, replicas=self.replicas)
        if self.cnpg:
            image = self.cluster.environment[CNPG_IMAGE]
            given["postgres"] = {"instances": INSTANCES, "storage": "5Gi", "image": image, "superuser": True}
            given["postgres"] |= {"resources": values.asked("150m", "512Mi"), "priorityClassName": values.DATA_FIRST}
        given["global"] |= {"image": {"tag": commit}}
        self._upgrade(RELEASE, UMBRELLA, given, "--wait")
        if self.cnpg:
            self._learn_passwords()

    def test(self) -> str:
        """Have a pod buy something, and return what it says in the end. Raises StackError."""
        lines = self.cluster.helm("test", RELEASE, "--logs", "--timeout", f"{SECONDS}s")
        return lines.strip().splitlines()[-1]

    def refused_by_the_server(self) -> list[str]:
        """Return what the API server refuses of the charts with everything on whose kinds it knows."""
        given = (ROOT / "deploy" / "kubernetes" / "everything.yaml").read_text()
        rendered = self.cluster.helm("template", RELEASE, str(ROOT / CHARTS / UMBRELLA), "-f", "-", given=given)
        try:
            self.cluster.kubectl("apply", "--dry-run=server", "-f", "-", given=rendered)
        except StackError as refused:
            return [line for line in str(refused).splitlines() if "(server dry run)" not in line]
        return []

    def pods(self) -> set[str]:
        """Return the names of the services' pods."""
        found = self.cluster.kubectl("get", "pod", "-l", "app.kubernetes.io/component=serve", "-o", "name")
        return set(found.split())

    def _prepare_broker(self, state: State) -> None:
        """Make topics, users and rights as an operator with a Kafka of its own does."""
        passwords = self.home / "secrets" / "kafka"
        for name in SERVICES:
            secret(passwords / name)
        command = [sys.executable, "-m", "kontor", "broker", "--passwords", str(passwords)]
        settings = {"KAFKA_BOOTSTRAP_SERVERS": state.kafka}
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StackError(f"{' '.join(command)}: {done.stdout + done.stderr}")

    def _learn_passwords(self) -> None:
        """Keep here what the chart and the operator have generated."""
        named = {f"database-{values.role(name)}": f"{RELEASE}-{name}-database" for name in SERVICES}
        for file, name in (named | {"postgres": f"{RELEASE}-postgres-superuser"}).items():
            entry = self.cluster.get("secret", name)["data"]["password"]
            write_private(self.home / "secrets" / file, base64.b64decode(entry).decode())

    def _upgrade(self, release: str, chart: str, given: values.Values, *more: str) -> None:
        words = ("upgrade", "--install", release, str(ROOT / CHARTS / chart), "-f", "-", "--timeout", f"{SECONDS}s")
        self.cluster.helm(*words, *more, given=json.dumps(given))


def _answers(state: State, roles: dict[str, str], passwords: dict[str, str]) -> bool:
    import asyncpg

    try:
        asyncio.run(create_databases(state.postgres, roles, passwords))
    except (OSError, asyncpg.PostgresError):
        return False
    return True
