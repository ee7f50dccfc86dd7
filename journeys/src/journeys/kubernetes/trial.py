"""A stack whose programs are pods: what the journeys ask of a local stack, asked of a cluster."""

import io
import os
import socket
import subprocess
import sys
import tarfile
from pathlib import Path

from stack.errors import ProgramFailed, StackError
from stack.programs import service_environment
from stack.services import chosen
from stack.stack import Stack
from stack.state import State, secret

from journeys.kubernetes.cluster import Cluster, wait_for

RELEASE = "kontor"
AS_IN_THE_CLUSTER = {"HTTP_IN_CLEAR": "true", "STAFF_SECOND_FACTOR": "optional"}
PACK = "import sys, tarfile; tarfile.open(fileobj=sys.stdout.buffer, mode='w|').add(sys.argv[1], '.')"
COPIES = {"trial-mail-0": "mail", "trial-provider-0": "provider"}


class TrialStack(Stack):
    """A stack in a cluster. Its operator's commands run here, at the databases of the cluster, by the same secrets.

    They are the programs of `tree`, the files of the commit that is installed: newer ones do not know an older schema.
    """

    def __init__(self, home: Path, cluster: Cluster, state: State, tree: Path) -> None:
        super().__init__(home)
        self._cluster = cluster
        self._state = state
        self._tree = tree

    @property
    def state(self) -> State:
        """The addresses at which the pods are reached from outside the cluster."""
        return self._state

    def program_of(self, service: str) -> str:
        """Each service runs as its own Deployment."""
        return service

    def run(self, name: str, *arguments: str) -> str:
        """Run a command of a service here, and return what it prints."""
        service = chosen([name])[0]
        own = AS_IN_THE_CLUSTER | {"VOUCHER_KEY_FILE": str(self.home / "secrets" / "voucher-key")}
        programs = {"PYTHONPATH": os.pathsep.join(str(each) for each in self._sources())}
        environment = os.environ | service_environment(service, self._state) | own | programs
        command = [sys.executable, "-m", service.package, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProgramFailed(name, f"{' '.join(arguments)} failed", (done.stdout + done.stderr)[-3000:])
        return done.stdout

    def freeze(self, name: str) -> None:
        """Leave no replica of a service."""
        self._cluster.kubectl("scale", f"deployment/{RELEASE}-{name}", "--replicas=0")
        self._cluster.kubectl("delete", "pod", "--force", "--grace-period=0", *_selected(name))
        wait_for(lambda: not self._pods(name), f"{name} to be gone", 60)

    def kill(self, name: str) -> None:
        """End all replicas of a service as a crash would; its Deployment starts others."""
        self._cluster.kubectl("delete", "pod", "--force", "--grace-period=0", *_selected(name))
        self._cluster.kubectl("scale", f"deployment/{RELEASE}-{name}", "--replicas=1")

    def wait_ready(self, name: str, seconds: float = 180) -> None:
        """Wait until a service is rolled out, and the nodes know where it is."""
        self._cluster.kubectl("rollout", "status", f"deployment/{RELEASE}-{name}", f"--timeout={seconds:.0f}s")
        wait_for(lambda: _listens(self._state.host, self._state.ports[name]), f"{name} at its port", 30)

    def shift_clock(self, seconds: float) -> float:
        """Refuse: the clock of a cluster is the real one."""
        raise StackError(f"The clock of a cluster cannot be moved by {seconds:.0f} s")

    def fetch(self) -> None:
        """Bring here what `verify` reads of the doubles' files and of the services' logs."""
        for pod, folder in COPIES.items():
            packed = self._cluster.read_bytes(pod, "python", "-c", PACK, f"/var/lib/kontor/{folder}")
            with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
                tar.extractall(self.home / folder, filter="data")
        logs = self.home / "logs"
        logs.mkdir(exist_ok=True)
        for name in self._state.urls:
            if name in self._state.admin_urls:
                text = self._cluster.kubectl("logs", *_selected(name), "--tail=-1", "--ignore-errors=true")
                (logs / f"{name}.log").write_text(text)

    def _sources(self) -> list[Path]:
        return sorted([*self._tree.glob("*/src"), *self._tree.glob("services/*/src")])

    def _pods(self, name: str) -> list[str]:
        return self._cluster.kubectl("get", "pod", *_selected(name), "-o", "name").split()


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def _selected(name: str) -> list[str]:
    return ["-l", f"app.kubernetes.io/name={name},app.kubernetes.io/component=serve"]


def password(home: Path, name: str) -> str:
    """Return a secret of the trial, made at first use."""
    return secret(home / "secrets" / name)
