"""The reference of downloads: nginx, which serves files without accounting."""

import asyncio
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from stack.ports import pick

SEARCH_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
MISSING = "nginx is not here, so downloads have no reference: apt-get install -y nginx-light"
PDEATHSIG = ("setpriv", "--pdeathsig", "KILL")
CONFIG = """
daemon off;
master_process off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ root {files}; }}
  }}
}}
"""


@asynccontextmanager
async def nginx(home: Path, files: Path) -> AsyncGenerator[tuple[str, int] | None]:
    """Run one worker that serves a directory until the end of the block; without nginx give None and print advice."""
    program = shutil.which("nginx", path=SEARCH_PATH)
    if program is None:
        print(MISSING, file=sys.stderr, flush=True)
        yield None
        return
    port = pick(("http",), {})["http"]
    config = _configured(home, port, files)
    with (home / "out.log").open("wb") as out:
        process = await asyncio.create_subprocess_exec(*PDEATHSIG, program, "-c", config, stdout=out, stderr=out)
    try:
        await _ready(port, process, home)
        yield "127.0.0.1", port
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.shield(process.wait())


def _configured(home: Path, port: int, files: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    config = home / "nginx.conf"
    config.write_text(CONFIG.format(home=home, port=port, files=files))
    return config


async def _ready(port: int, process: asyncio.subprocess.Process, home: Path) -> None:
    for _ in range(100):
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    output = (home / "out.log").read_text(errors="replace")
    raise RuntimeError(f"nginx does not start: {output[-1000:]}")
