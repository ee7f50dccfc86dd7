"""The memory of large messages, which is not kept for the next one."""

import subprocess
import sys

# as messages are worked on: in several threads, one after the other
PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from mail_relay.smtp.memory import return_large_blocks

def held():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) // 1024

def work(_):
    waiting.wait()
    for size in (10, 9, 8):
        content = bytearray(size * 10**6)

return_large_blocks()
with ThreadPoolExecutor(4) as pool:
    waiting = Barrier(4)
    list(pool.map(work, range(4)))
    before = held()
    list(pool.map(work, range(40)))
    print(held() - before, before)
"""


def test_MAIL_1_what_large_messages_took_goes_back():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    more, before = map(int, done.stdout.split())
    assert more < 5, f"{more} MiB more than {before}"
    assert before < 100
