"""Builds the images of Kontor's parts: `python deploy/images/images.py [NAME...]`, all of them if none is named.

Needs a container engine with BuildKit. Beside the images, in `.local/images`, stands what each is made of:
`NAME.cdx.json` (CycloneDX) and `NAME.licences.txt`.
"""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contracts.topics import SERVICES
from parts import projects

ROOT = Path(__file__).parents[2]
OUT = ROOT / ".local" / "images"
PROGRAMS = ("doubles",)  # what has no `health`
NAMES = (*SERVICES, "suite", *PROGRAMS)
DOCKER = os.environ.get("DOCKER", "docker")

# Runs in an image: what is installed there, by Python's and by Debian's own records.
LIST = """
import json, pathlib, platform
from importlib.metadata import distributions
python = [(d.name, d.version, d.metadata.get("License-Expression") or d.metadata.get("License") or "; ".join(
    c.removeprefix("License :: ") for c in d.metadata.get_all("Classifier", ()) if c.startswith("License ::")))
    for d in distributions(path=[str(p) for p in pathlib.Path("/opt/kontor/lib").glob("*/site-packages")])]
records = pathlib.Path("/var/lib/dpkg/status").read_text().split("\\n\\n")
fields = [[line for line in record.splitlines() if line[:1].strip() and ": " in line] for record in records]
debian = [dict(line.split(": ", 1) for line in lines) for lines in fields]
debian = [(d["Package"], d["Version"]) for d in debian if "Version" in d]
print(json.dumps({"interpreter": platform.python_version(), "python": python, "debian": debian}))
"""


def image_of(name: str) -> str:
    """Return an image's name with its tag: the version of its distribution."""
    return f"kontor/{name}:{projects(ROOT)[f'kontor-{name}'][1]['version']}"


def build(name: str, *options: str) -> None:
    """Build one image, in which nothing tells when or where it was built; raises CalledProcessError."""
    revision, seconds = git("rev-parse", "HEAD"), git("show", "-s", "--format=%ct", "HEAD")
    arguments = {
        "SERVICE": name,
        "VERSION": image_of(name).partition(":")[2],
        "REVISION": revision,
        "CREATED": f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}",
        "SOURCE_DATE_EPOCH": seconds,  # BuildKit reads it, from 0.11 on: the time of the image itself
    }
    if base := os.environ.get("BASE"):
        arguments["BASE"] = base
    given = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    if bundle := os.environ.get("SSL_CERT_FILE"):
        given += ["--secret", f"id=ca_bundle,src={bundle}"]
    target = "program" if name in PROGRAMS else "service"
    command = [
        "build",
        "-f",
        "deploy/images/Dockerfile",
        "--target",
        target,
        *given,
        "-t",
        image_of(name),
        *options,
        ".",
    ]
    subprocess.run([DOCKER, *command], cwd=ROOT, check=True, env=os.environ | {"DOCKER_BUILDKIT": "1"})


def describe(name: str) -> None:
    """Write what an image is made of."""
    command = ("run", "--rm", "--network=none", "--entrypoint=python", image_of(name), "-c", LIST)
    listed = json.loads(output(DOCKER, *command))
    (OUT / f"{name}.cdx.json").write_text(json.dumps(bill(image_of(name), listed), indent=1) + "\n")
    lines = [f"{one} {version}: {short(licence)}\n" for one, version, licence in sorted(listed["python"])]
    (OUT / f"{name}.licences.txt").write_text("".join(lines))


def bill(image: str, listed: dict[str, Any]) -> dict[str, Any]:
    """Return the bill of materials (CycloneDX) of an image in which this is installed."""
    parts = [part("generic", "python", listed["interpreter"])]
    parts += [part("pypi", one, version, licence) for one, version, licence in sorted(listed["python"])]
    parts += [part("deb", f"debian/{one}", version) for one, version in sorted(listed["debian"])]
    name, _, tag = image.partition(":")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "bom-ref": name, "name": name, "version": tag}},
        "components": parts,
    }


def part(kind: str, name: str, version: str, licence: str = "") -> dict[str, Any]:
    """Return a component of a bill of materials; a name of PyPI is written as addresses of packages have it."""
    called = re.sub(r"[-_.]+", "-", name).lower() if kind == "pypi" else name
    purl = f"pkg:{kind}/{called}@{quote(version, safe='')}"
    found: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return found | ({"licenses": [{"license": {"name": short(licence)}}]} if licence else {})


def short(licence: str) -> str:
    """Return a licence's name, where a distribution may have its whole text."""
    return licence.strip().partition("\n")[0] or "see its files"


def git(*words: str) -> str:
    """Return what git says."""
    return output("git", *words)


def output(*command: str) -> str:
    """Return what a program prints; raises CalledProcessError."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main(names: list[str]) -> None:
    """Build these images, or all."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or NAMES:
        build(name)
        describe(name)
        size = int(output(DOCKER, "image", "inspect", "--format={{.Size}}", image_of(name)))
        print(f"{image_of(name)}  {size / 1e6:.0f} MB, not compressed")


if __name__ == "__main__":
    main(sys.argv[1:])
