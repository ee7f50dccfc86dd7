"""What a container engine gives where Java and Maven are missing: Java and Kafka's jars, out of their images."""

import os
import shutil
import subprocess
from pathlib import Path

from stack.errors import ProgramFailed

JAVA_IMAGE, JAVA = "eclipse-temurin:21-jre", "/opt/java/openjdk"  # of a distribution with glibc, as this machine's
KAFKA_IMAGE, JARS = "apache/kafka:4.3.0", "/opt/kafka/libs"


def answers() -> bool:
    """Return whether a container engine answers."""
    program = _program()
    if not shutil.which(program):
        return False
    return subprocess.run([program, "version"], capture_output=True, check=False, timeout=30).returncode == 0


def copy(image: str, source: str, target: Path) -> None:
    """Copy a directory out of an image, which is pulled if it is not there, all or nothing; raises ProgramFailed."""
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    container = _run("create", image)
    try:
        _run("cp", f"{container}:{source}", str(part))
    finally:
        _run("rm", "--force", container)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def _run(*words: str) -> str:
    done = subprocess.run([_program(), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProgramFailed(_program(), f"{words[0]} failed", (done.stdout + done.stderr)[-3000:])
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _program() -> str:
    return os.environ.get("DOCKER", "docker")
