"""Apache Kafka as one KRaft node, from Maven artifacts or, with its Java, out of the images of a container engine."""

import base64
import fcntl
import hashlib
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from stack import engine
from stack.errors import ProgramFailed, ToolMissing
from stack.ports import is_free, pick

FILES = Path(__file__).resolve().parents[2] / "kafka"
HOW_TO_INSTALL = "install it with  apt-get install openjdk-17-jre-headless maven  or start a container engine"
PARTITIONS = 3
TOPIC_ALREADY_EXISTS = 36
# retention, ages and comparisons of clocks go by one clock, whatever a producer's shows
BY_THE_BROKERS_CLOCK = {"message.timestamp.type": "LogAppendTime"}
ARCHIVE = "kafka.jsa"
FORMATTED = "formatted"


def require_tools(libraries: Path) -> None:
    """Raise ToolMissing if Kafka cannot be run, or not be fetched where it has to be."""
    if (is_complete(libraries) and java(libraries)) or engine.answers():
        return
    if not shutil.which("java"):
        raise ToolMissing(f"Kafka needs Java 17 or newer, and there is no java: {HOW_TO_INSTALL}")
    version = _java_version()
    if not version or version < 17:
        raise ToolMissing(f"Kafka needs Java 17 or newer, and java is {version or 'unknown'}: {HOW_TO_INSTALL}")
    if not shutil.which("mvn"):
        raise ToolMissing(f"Kafka's jars are fetched by Maven, and there is no mvn: {HOW_TO_INSTALL}")


def java(libraries: Path) -> str | None:
    """Return the program java: the one fetched with the jars, else this machine's; None if there is neither."""
    fetched = libraries.parent / "java" / "bin" / "java"
    return str(fetched) if fetched.exists() else shutil.which("java")


def _java_version() -> int | None:
    if not shutil.which("java"):
        return None
    shown = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', shown)
    return int(found[1]) if found else None


def fetch(libraries: Path) -> None:
    """Fetch the jars that the pom names into the directory, all or none, and Java beside it where there is none."""
    if is_complete(libraries) and java(libraries):
        return
    libraries.parent.mkdir(parents=True, exist_ok=True)
    with (libraries.parent / f"{libraries.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (_java_version() or 0) < 17:
            engine.copy(engine.JAVA_IMAGE, engine.JAVA, libraries.parent / "java")
        if is_complete(libraries):
            return
        part = libraries.with_name(f"{libraries.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        if shutil.which("mvn"):
            _fetch_by_maven(part)
        else:
            engine.copy(engine.KAFKA_IMAGE, engine.JARS, part)
        (part / "complete").write_text(_stamp())
        shutil.rmtree(libraries, ignore_errors=True)
        part.rename(libraries)
        _prepare_quick_start(libraries)


def _fetch_by_maven(into: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    command = ["mvn", "-q", "-B", "-f", str(FILES / "pom.xml"), *goal]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProgramFailed("mvn", "could not fetch Kafka's jars", (done.stdout + done.stderr)[-3000:])


def _prepare_quick_start(libraries: Path) -> None:
    """Store a formatted directory and an archive of the classes a node loads, which halves the time of a start."""
    with tempfile.TemporaryDirectory() as directory:
        node = Kafka(Path(directory), libraries)
        port, controller_port = pick(("kafka", "controller"), {}).values()
        node.configure(port, controller_port)
        node.format()
        shutil.copytree(node.data, libraries / f"{FORMATTED}.part", dirs_exist_ok=True)
        (libraries / f"{FORMATTED}.part").rename(libraries / FORMATTED)
        part = libraries / f"{ARCHIVE}.part"
        recording = node.command(f"-XX:ArchiveClassesAtExit={part}")
        with (Path(directory) / "log").open("w") as log, subprocess.Popen(recording, stdout=log, stderr=log) as process:
            deadline = time.monotonic() + 60
            while is_free(port) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            process.terminate()
        if part.exists():
            part.rename(libraries / ARCHIVE)


def is_complete(libraries: Path) -> bool:
    """Return whether the directory holds all the jars of the present pom."""
    stamp = libraries / "complete"
    return stamp.exists() and stamp.read_text() == _stamp()


def _stamp() -> str:
    return hashlib.sha256((FILES / "pom.xml").read_bytes()).hexdigest()


class Kafka:
    """A Kafka node below a home directory."""

    def __init__(self, directory: Path, libraries: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.properties = directory / "server.properties"
        self._libraries = libraries

    def configure(self, port: int, controller_port: int, more: str = "") -> None:
        """Write the node's properties; `more` are lines that override earlier ones."""
        self.directory.mkdir(parents=True, exist_ok=True)
        template = Template((FILES / "server.properties").read_text())
        text = template.substitute(port=port, controller_port=controller_port, data=self.data)
        self.properties.write_text(text + more)

    def format(self) -> str:
        """Format the data directory, unless it is formatted, and return its cluster id."""
        marker = self.directory / "formatted"  # written last, so that a killed format is repeated
        if not marker.exists() or not (self.data / "meta.properties").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            cluster = _new_id()
            if (self._libraries / FORMATTED).exists():
                self._format_by_copy(cluster)
            else:
                self._format_by_tool(cluster)
            marker.write_text(cluster)
        return marker.read_text().strip()

    def _format_by_copy(self, cluster: str) -> None:
        # a formatted directory differs from another in two ids only, and the tool takes a second or more
        shutil.copytree(self._libraries / FORMATTED, self.data)
        file = self.data / "meta.properties"
        ids = {"cluster.id": cluster, "directory.id": _new_id()}
        lines = [line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#")]
        file.write_text("".join(f"{name}={ids.get(name, value)}\n" for name, _, value in lines))

    def _format_by_tool(self, cluster: str) -> None:
        config = ["--cluster-id", cluster, "--config", str(self.properties)]
        program = self.tool("kafka.tools.StorageTool", "format", *config)
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProgramFailed("kafka", "could not format its data directory", done.stdout + done.stderr)

    def tool(self, name: str, *arguments: str) -> list[str]:
        """Return the command line that runs one of Kafka's tools, named by its class."""
        return [*self._java("-XX:TieredStopAtLevel=1"), name, *arguments]

    def command(self, *options: str) -> list[str]:
        """Return the command line that runs the node in the foreground."""
        memory = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"]
        return ["setpriv", "--pdeathsig", "KILL", *self._java(*memory, *options), "kafka.Kafka", str(self.properties)]

    def _java(self, *options: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={FILES / 'log4j2.yaml'}"
        if (archive := self._libraries / ARCHIVE).exists():
            options = (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off", *options)
        return [java(self._libraries) or "java", *options, logging, "-cp", f"{self._libraries}/*"]


def _new_id() -> str:
    # an id that starts with a dash reads as an option
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "A")


async def cluster_id(bootstrap: str) -> str | None:
    """Return the id of the cluster that answers; None if none does."""
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    client: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.start()
        answer: dict[str, Any] = await client.describe_cluster()
        return str(answer["cluster_id"])
    except (KafkaError, OSError):
        return None
    finally:
        await client.close()


async def create_topics(bootstrap: str, topics: Iterable[tuple[str, int]]) -> int:
    """Create the missing topics, each with its retention in ms (-1: for ever), and return how many there were."""
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    client: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        existing = set(await client.list_topics())
        missing = [
            NewTopic(name, PARTITIONS, 1, topic_configs={"retention.ms": str(retention)} | BY_THE_BROKERS_CLOCK)
            for name, retention in topics
            if name not in existing
        ]
        if missing:
            answer: Any = await client.create_topics(missing, timeout_ms=30_000)
            refused = [error for error in answer.topic_errors if error[1] not in (0, TOPIC_ALREADY_EXISTS)]
            if refused:
                raise ProgramFailed("kafka", f"refuses topics: {refused}")
        return len(missing)
    finally:
        await client.close()
