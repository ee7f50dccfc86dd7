"""What a service is made of: named exactly, with hashes, in an SBOM, and asked about known weaknesses."""

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def pinned_in(file: Path) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PINNED.findall(file.read_text())}


def needed(lines: Sequence[str], extras: frozenset[str], found: set[str]) -> set[str]:
    """Return what these requirements name, and what that needs to run."""
    for line in lines:
        one = Requirement(line)
        marked = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras | {""})
        if marked and canonicalize_name(one.name) not in found:
            found.add(canonicalize_name(one.name))
            needed(requires(one.name) or (), frozenset(one.extras), found)
    return found


def program(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / name), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_requirements_are_all_that_runs_at_the_versions_we_test_each_with_hashes():
    required, constraints = pinned_in(REQUIREMENTS), pinned_in(ROOT / "constraints.txt")
    text = REQUIREMENTS.read_text()

    assert required.items() <= constraints.items(), "run `make lock`"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert needed(declared, frozenset(), set()) == required.keys(), "run `make lock`"
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.torture  # `make images` makes one of each image
def test_the_sbom_names_every_part_with_version_address_and_hash(tmp_path: Path):
    file = tmp_path / "sbom.json"
    words = ("--pyproject", "pyproject.toml", "--output-reproducible", "-o", str(file), str(REQUIREMENTS))
    done = program("cyclonedx-py", "requirements", *words)
    assert done.returncode == 0, done.stderr
    sbom = json.loads(file.read_text())

    assert (sbom["bomFormat"], sbom["metadata"]["component"]["name"]) == ("CycloneDX", "kontor")
    parts = {canonicalize_name(part["name"]): part for part in sbom["components"]}
    assert {name: part["version"] for name, part in parts.items()} == pinned_in(REQUIREMENTS)
    for part in parts.values():
        assert part["purl"].startswith("pkg:pypi/")
        assert any(reference.get("hashes") for reference in part["externalReferences"])


@contextmanager
def advisories(weak: str) -> Generator[str]:
    """A double of the service that knows weaknesses (OSV), at the wire: one package has one."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = {"name": asked["package"]["name"], "ecosystem": "PyPI"}
            events = [{"introduced": "0"}, {"fixed": "999"}]
            weakness = {
                "id": "GHSA-0000-0000-0000",
                "summary": "It is weak.",
                "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
            }
            body = json.dumps({"vulns": [weakness]} if package["name"] == weak else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name it has
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("weak", "code"), [("aiohttp", 1), pytest.param("none-of-ours", 0, marks=pytest.mark.torture)])
def test_a_known_weakness_fails_the_audit_and_is_named(weak: str, code: int):
    asked = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "-r", str(REQUIREMENTS))
    with advisories(weak) as url:
        done = program("pip-audit", *asked, "--vulnerability-service", "osv", "--osv-url", url)

    assert done.returncode == code, done.stdout + done.stderr
    assert ("GHSA-0000-0000-0000" in done.stdout) == bool(code)
