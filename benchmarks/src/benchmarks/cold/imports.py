"""Print what a program's imports cost as JSON: milliseconds by package (the eight slowest), and memory.

Usage: python -m benchmarks.cold.imports MODULE
"""

import json
import re
import subprocess
import sys
from collections import Counter

MOST = 8
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s*(\S+)")
MEASURED = """
import importlib, resource, sys
importlib.import_module(sys.argv[1])
importlib.import_module("chassis.service.running")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def imports(module: str) -> dict[str, object]:
    """Return milliseconds by top-level package, their sum, and the resident megabytes afterwards."""
    command = [sys.executable, "-X", "importtime", "-c", MEASURED, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    spent = Counter[str]()
    for line in done.stderr.splitlines():
        if (found := LINE.match(line)) is not None:
            spent[found[2].partition(".")[0]] += int(found[1])
    slowest = {name: round(micro / 1000) for name, micro in spent.most_common(MOST)}
    return {"ms": round(spent.total() / 1000), "slowest_ms": slowest, "memory_mb": int(done.stdout)}


if __name__ == "__main__":
    json.dump(imports(sys.argv[1]), sys.stdout)
