"""A Kubernetes cluster: the one that KUBECONFIG names, or one that a program makes."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import StackError

NAMESPACE = "kontor-trial"
RESTRICTED = ("pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/enforce-version=latest")
CNPG, CNPG_IMAGE = "clusters.postgresql.cnpg.io", "KONTOR_CNPG_IMAGE"
OPERATORS_NEED = ("go", "mvn", "java")
EXPORTED = re.compile(r"(\w+)=(\S+)")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, by the environment in which `kubectl` and `helm` reach it.

    `program` makes clusters: it has the commands `up`, `env` (which prints lines for `eval`) and `load IMAGE...`.
    """

    environment: dict[str, str]
    program: Sequence[str] = ()

    @classmethod
    def find(cls) -> "Cluster":
        """Return the cluster of KUBECONFIG, else the one that the program in KONTOR_CLUSTER brings up, else kind's."""
        if os.environ.get("KUBECONFIG"):
            return cls(dict(os.environ))
        if program := os.environ.get("KONTOR_CLUSTER", "").split():
            _run([*program, "up"], dict(os.environ))
            return cls(os.environ | _exported(_run([*program, "env"], dict(os.environ))), program)
        if shutil.which("kind"):
            if "kontor" not in _run(["kind", "get", "clusters"], dict(os.environ)).split():
                _run(["kind", "create", "cluster", "--name", "kontor", "--wait", "120s"], dict(os.environ))
            config = _run(["kind", "get", "kubeconfig", "--name", "kontor"], dict(os.environ))
            file = os.path.expanduser("~/.kube/kontor-kind")
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(config)
            return cls(os.environ | {"KUBECONFIG": file}, ("kind", "load", "docker-image", "--name", "kontor"))
        raise StackError(
            "There is no cluster: set KUBECONFIG, or KONTOR_CLUSTER to a program that makes one, or install kind"
        )

    def load(self, images: Sequence[str]) -> None:
        """Bring images of the container engine into the nodes, where the cluster has no registry."""
        if self.program:
            words = self.program if self.program[0] == "kind" else [*self.program, "load"]
            _run([*words, *images], self.environment)

    def operate(self, program: Path) -> bool:
        """Let a program install operators in a cluster that was made for this; return whether it could be tried."""
        if not self.program or self.environment.get(CNPG_IMAGE) or not all(map(shutil.which, OPERATORS_NEED)):
            return False
        words = self.program if self.program[0] == "kind" else [*self.program, "load"]
        self.environment[CNPG_IMAGE] = self.run(str(program), *words).splitlines()[-1]
        return True

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """Run kubectl in the namespace of the trial, and return what it prints. Raises StackError."""
        return _run(["kubectl", "-n", NAMESPACE, *words], self.environment, given)

    def get(self, *words: str) -> Any:
        """Return objects as JSON has them."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def has(self, kind: str) -> bool:
        """Return whether the cluster knows a kind of objects, such as clusters.postgresql.cnpg.io."""
        return bool(self.kubectl("get", "crd", kind, "--ignore-not-found", "-o", "name").strip())

    def helm(self, *words: str, given: str | None = None) -> str:
        """Run helm in the namespace of the trial, and return what it prints. Raises StackError."""
        return _run(["helm", "-n", NAMESPACE, *words], self.environment, given)

    @contextmanager
    def meanwhile(self, *words: str) -> Generator["subprocess.Popen[str]"]:
        """Run kubectl while the block runs, which has to wait for its end. Raises StackError where it fails."""
        command = ["kubectl", "-n", NAMESPACE, *words]
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as running:
            try:
                yield running
            finally:
                running.kill()
            if running.returncode:
                raise StackError(f"{' '.join(command)}: {running.stderr and running.stderr.read()[-1000:]}")

    def run(self, *command: str) -> str:
        """Run a program that reaches the cluster and its engine, and return what it prints. Raises StackError."""
        return _run(command, self.environment)

    def docker(self, *words: str) -> str:
        """Run the engine's client, and return what it prints. Raises StackError."""
        return _run([self.environment.get("DOCKER", "docker"), *words], self.environment)

    def read_bytes(self, pod: str, *program: str) -> bytes:
        """Return what a program prints in a pod."""
        command = ["kubectl", "-n", NAMESPACE, "exec", pod, "--", *program]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False)
        if done.returncode:
            raise StackError(f"{' '.join(command)}: {done.stderr.decode()[-1000:]}")
        return done.stdout

    def node(self) -> str:
        """Return an address of a node at which this machine reaches it."""
        addresses = self.get("nodes")["items"][0]["status"]["addresses"]
        return str(next(entry["address"] for entry in addresses if entry["type"] == "InternalIP"))

    def processors(self) -> float:
        """Return how many processors the nodes have for pods."""
        return sum(_processors(node["status"]["allocatable"]["cpu"]) for node in self.get("nodes")["items"])

    def version(self) -> str:
        """Return the version of the API server."""
        return str(json.loads(self.kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"])


def wait_for(question: Callable[[], object], what: str, seconds: float) -> None:
    """Ask until the answer is truthy; raises StackError after `seconds`."""
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            raise StackError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.5)


def _processors(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def _exported(lines: str) -> dict[str, str]:
    words = dict(EXPORTED.findall(lines))
    if "PATH" in words:
        words["PATH"] = words["PATH"].replace("$PATH", os.environ["PATH"])
    return words


def _run(command: Sequence[str], environment: dict[str, str], given: str | None = None) -> str:
    done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{' '.join(command)[:300]}: {(done.stdout + done.stderr)[-3000:]}")
    return done.stdout
