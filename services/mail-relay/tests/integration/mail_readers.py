"""Mail programs that people read with: mutt, and Dovecot, which makes the threads that web mail shows (RFC 5256)."""

import asyncio
import mailbox
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

MUTT = """set from="{address}" realname="Somebody" use_envelope_from=yes hostname="{domain}"
set smtp_url="smtp://127.0.0.1:{port}/" ssl_starttls=no ssl_force_tls=no
set mbox_type=Maildir folder="{home}" record="{home}/record" copy=yes sort=date
set editor="{home}/editor" include=yes fast_reply=yes abort_unmodified=no quit=yes move=no wait_key=no confirmcreate=no
"""
# it runs by itself here, as after a login
DOVECOT = """mail_location = maildir:{home}/threads
mail_uid = nobody
mail_gid = nogroup
base_dir = {home}/base
log_path = /dev/stderr
"""


async def mutt(home: Path, address: str, port: int, box: Path, keys: str) -> bytes:
    """Let somebody press these keys in a mailbox; return what was sent, written by the editor."""
    record = home / "record"
    await asyncio.to_thread(_set_up, home, address, port)
    before = _files(record)
    command = shlex.join(["mutt", "-n", "-F", str(home / "muttrc"), "-f", str(box), "-e", f'push "{keys}"'])
    # mutt wants a terminal
    done = await asyncio.to_thread(
        subprocess.run,
        ["script", "-qec", f"TERM=xterm {command}", "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    sent = [file for name, file in _files(record).items() if name not in before]
    assert len(sent) == 1, done.stdout
    return sent[0].read_bytes().replace(b"\n", b"\r\n")


def _set_up(home: Path, address: str, port: int) -> None:
    home.mkdir(exist_ok=True)
    domain = address.rpartition("@")[2]
    (home / "muttrc").write_text(MUTT.format(address=address, domain=domain, port=port, home=home))
    (home / "editor").write_text('#!/bin/sh\necho Gut. >> "$1"\n')
    (home / "editor").chmod(0o755)


def latest(mbox: Path) -> bytes:
    """Return the last mail of a file, as it was sent."""
    mails = mailbox.mbox(mbox)
    raw = mails.get_bytes(mails.keys()[-1])
    mails.close()
    return raw.replace(b"\n", b"\r\n")


def _files(maildir: Path) -> dict[str, Path]:
    """Return the files of a Maildir by what stays of their names when they are read."""
    return {file.name.partition(":")[0]: file for file in maildir.glob("[nc]*/*")}


async def threads(home: Path, mails: Mapping[str, bytes], method: str) -> str:
    """Return how Dovecot threads these mails, by their names: `(first (second third))`."""
    box = home / "threads"
    for folder in ("new", "cur", "tmp"):
        (box / folder).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails.values(), 1):
        # Dovecot numbers them by their names
        (box / "cur" / f"{number:03}.M1.here:2,S").write_bytes(raw.replace(b"\r\n", b"\n"))
    for each in (box, *box.rglob("*")):
        shutil.chown(each, "nobody", "nogroup")  # root reads no mail
    (home / "dovecot.conf").write_text(DOVECOT.format(home=home))
    words = ["/usr/lib/dovecot/imap", "-c", str(home / "dovecot.conf")]
    said = await _imap(words, home, ("a select inbox", f"b thread {method} utf-8 all", "c logout"))
    found = re.search(r"^\* THREAD (.*)$", said, re.MULTILINE)
    assert found is not None, said
    names = list(mails)
    return re.sub(r"\d+", lambda number: names[int(number[0]) - 1], found[1].strip())


async def _imap(words: Sequence[str], home: Path, commands: Sequence[str]) -> str:
    done = await asyncio.to_thread(
        subprocess.run,
        words,
        input="".join(f"{line}\r\n" for line in commands).encode(),
        capture_output=True,
        check=False,
        timeout=20,
        env={"USER": "nobody", "HOME": str(home), "PATH": "/usr/bin"},
    )
    return done.stdout.decode() + done.stderr.decode()
