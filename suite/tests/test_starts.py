"""A command of a service starts without the libraries that only serving needs."""

import subprocess
import sys

from contracts.topics import SERVICES

SERVED_WITH = ("aiohttp", "aiokafka", "faststream", "opentelemetry.sdk", "stripe", "webauthn", "jinja2", "babel")
PROGRAM = f"""
import importlib, sys
from chassis.service import auditing, commands, program
for service in {[name.replace("-", "_") for name in SERVICES]}:
    importlib.import_module(f"{{service}}.__main__")
print(*(name for name in {SERVED_WITH} if name in sys.modules))
"""


def test_commands_of_no_service_wait_for_what_serves():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([], "")
