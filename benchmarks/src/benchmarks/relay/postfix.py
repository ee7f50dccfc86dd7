"""The reference of the relay: Postfix, which takes messages, keeps them, and hands them on as they are."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

from stack.ports import pick
from stack.stack import ROOT

PROGRAM = "/usr/sbin/postfix"
MISSING = "postfix is not here, so the relay has no reference: apt-get install -y postfix"
CONFIG = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{next}
smtpd_relay_restrictions = permit_mynetworks, reject
default_destination_concurrency_limit = 20
"""


@asynccontextmanager
async def postfix(next_port: int) -> AsyncGenerator[int | None]:
    """Run Postfix until the end of the block and give its port; without it give None and print advice."""
    if shutil.which(PROGRAM) is None:
        print(MISSING, file=sys.stderr, flush=True)
        yield None
        return
    # it is another user than who measures
    home = Path(mkdtemp(prefix="postfix-", dir="/tmp"))
    port = pick(("smtp",), {})["smtp"]
    await asyncio.to_thread(_configure, home, port, next_port)
    try:
        await _do(home, "start")
        yield port
    finally:
        await asyncio.shield(_do(home, "stop"))
        shutil.rmtree(home, ignore_errors=True)


def _configure(home: Path, port: int, next_port: int) -> None:
    home.chmod(0o755)
    for name in ("queue", "data"):
        (home / name).mkdir()
    shutil.chown(home / "data", "postfix")
    (home / "main.cf").write_text(CONFIG.format(home=home, next=next_port))
    shipped = (ROOT / "deploy/postfix/master.cf").read_text()
    rest = shipped[shipped.index("pickup") :].replace("  y  ", "  n  ")
    (home / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\n{rest}")


async def _do(home: Path, command: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [PROGRAM, "-c", str(home), command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"postfix {command}: {done.stdout}{done.stderr}")
