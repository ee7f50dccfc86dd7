"""A real Prometheus on this machine, which scrapes the services of a stack and evaluates the rules in less time."""

import asyncio
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from stack.errors import ProgramFailed, ToolMissing
from stack.ports import pick
from stack.programs import PDEATHSIG
from stack.state import State

from journeys.torture.alerts.rules import read, scaled

EVERY = "1s"
START_SECONDS, END_SECONDS = 60.0, 20.0
HOW_TO_INSTALL = "install it with  apt-get install prometheus"


def require() -> str:
    """Return where the program is; raises ToolMissing."""
    found = shutil.which("prometheus")
    if found is None:
        raise ToolMissing(f"The drill of the alerts needs Prometheus, and there is none: {HOW_TO_INSTALL}")
    return found


@dataclass(slots=True)
class Prometheus:
    """Prometheus on a free port of the loopback address; its data lie in the stack's home."""

    url: str
    http: aiohttp.ClientSession
    process: "subprocess.Popen[bytes]"

    @classmethod
    async def start(cls, state: State, http: aiohttp.ClientSession, factor: float) -> "Prometheus":
        """Start it, and wait until it is ready."""
        home = Path(state.home) / "prometheus"
        log = Path(state.home) / "logs" / "prometheus.log"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "rules.yml").write_text(yaml.safe_dump(scaled(read(), factor), sort_keys=False))
        (home / "prometheus.yml").write_text(yaml.safe_dump(_configuration(state), sort_keys=False))
        port = pick(("prometheus",), {})["prometheus"]
        started = cls(f"http://127.0.0.1:{port}", http, _run(home, port, log))
        try:
            await started._wait_ready()
        except TimeoutError:
            await started.stop()
            raise ProgramFailed("prometheus", "is not ready", _tail(log)) from None
        return started

    async def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    async def firing(self, alert: str) -> list[dict[str, str]]:
        """Return the labels of each firing one of an alert."""
        found = await self._ask("/api/v1/alerts")
        return [
            one["labels"]
            for one in found["data"]["alerts"]
            if one["state"] == "firing" and one["labels"]["alertname"] == alert
        ]

    async def scrapes_all(self) -> bool:
        """Return whether each target has answered lately."""
        targets = (await self._ask("/api/v1/targets"))["data"]["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)

    async def _ask(self, path: str) -> Any:
        async with self.http.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def _wait_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                async with self.http.get(f"{self.url}/-/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)
        raise TimeoutError


def _run(home: Path, port: int, log: Path) -> "subprocess.Popen[bytes]":
    command = [
        *PDEATHSIG,
        require(),
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=home)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])


def _configuration(state: State) -> dict[str, Any]:
    """Each service is a job of its own, as the rules have it."""
    jobs = [
        {"job_name": name, "static_configs": [{"targets": [url.removeprefix("http://")]}]}
        for name, url in state.admin_urls.items()
    ]
    intervals = {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY}
    return {"global": intervals, "rule_files": ["rules.yml"], "scrape_configs": jobs}
