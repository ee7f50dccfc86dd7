"""The secrets that an installation needs, as files, for whoever has no store of secrets that makes them.

A directory for each program that reads them, so that each is given its own alone. What is there stays as it is.
"""

import base64
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from chassis.config import Clock
from contracts.topics import SERVICES
from mailing.keys import KeyDirectory
from mailing.signing import dns_records

READER = "reader"  # a user of Kafka who may read all events and write none
OURS = 10001  # the user of our images
OTHERS = {"postgres": 999, "kafka": 1000, "store": 0}  # as whom the images of others run
STORING = ("catalog", "delivery", "mail-relay")
OWN_KEYS = {
    "master-key": ("accounts",),
    "license-key": ("licensing",),
    "archive-key": ("mail-relay",),
    "bounce-key": ("letters", "mail-relay"),
    "partner-key": ("partners",),
}
# of the payment provider's double; a real provider gives its own
PROVIDERS = {"provider-api-key": "sk_test_", "provider-webhook-secret": "whsec_"}


def places() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each secret, made anew, with the files that hold it, below the directory of all."""
    for name in SERVICES:
        yield secrets.token_urlsafe(32), (f"{name}/service", f"accounts/services/{name}")
        yield secrets.token_urlsafe(32), (f"{name}/database", f"setup/databases/{name}")
        yield secrets.token_urlsafe(32), (f"{name}/kafka", f"setup/users/{name}")
    yield secrets.token_urlsafe(32), (f"setup/users/{READER}",)
    for key, holders in OWN_KEYS.items():
        made = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        yield made, tuple(f"{holder}/{key}" for holder in holders)
    for key, prefix in PROVIDERS.items():
        yield prefix + secrets.token_hex(24), (f"payments/{key}", f"provider/{key}")
    yield secrets.token_urlsafe(32), ("postgres/superuser", "setup/superuser")
    yield secrets.token_urlsafe(32), ("store/secret", *(f"{holder}/store" for holder in STORING))
    yield secrets.token_urlsafe(32), ("kafka/admin", "setup/kafka-admin")


def make(directory: Path, alias_domain: str) -> int:
    """Write the secrets that are missing, each readable by the program's user alone; return how many were made."""
    made = 0
    for new, names in places():
        files = [directory / name for name in names]
        # a file that is empty was cut off, and is no secret
        there = [text for file in files if file.exists() and (text := file.read_text()).strip()]
        made += not there
        for name in names:
            _write(directory, name, there[0] if there else new)
    keys = KeyDirectory(directory / "mail-relay" / "dkim", alias_domain)
    if not keys.signers:
        keys.add("ed25519", Clock(None).now().date())
        keys.rotate()
        made += 1
    for path in (keys.path, *keys.path.iterdir()):
        _give(path, "mail-relay")
    records = dns_records(alias_domain, keys.signers, f"mx.{alias_domain}", f"postmaster@{alias_domain}")
    _write(directory, "names/zone", "".join(f"{record}\n" for record in records))
    return made


def _write(directory: Path, name: str, content: str) -> None:
    file = directory / name
    holder = name.partition("/")[0]
    for folder in reversed([one for one in file.parents if one.is_relative_to(directory) and one != directory]):
        folder.mkdir(mode=0o700, exist_ok=True)
        _give(folder, holder)
    part = file.with_name(f".{file.name}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(content)
    _give(part, holder)
    part.replace(file)


def _give(path: Path, holder: str) -> None:
    if os.geteuid() == 0:
        user = OTHERS.get(holder, OURS)
        os.chown(path, user, user)
