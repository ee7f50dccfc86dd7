"""Verifies an archive of a conversation; needs Python and `cryptography`, and nothing of the suite.

python verify_archive.py ARCHIVE.zip KEYS.json

KEYS.json is the answer of `GET /.well-known/archive-keys.json`. One changed byte, one message that was left out, and an
end that was cut off are named (MAIL-6).
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

OWN = {"archive.json", "signature.json"}


def packed(*facts: object) -> bytes:
    """Return facts as they are hashed and signed."""
    return json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()


def is_signed(keys: Mapping[str, str], seal: Mapping[str, str], statement: bytes) -> bool:
    """Return whether a statement was signed by the key that the seal names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[seal["key"]]))
        key.verify(base64.b64decode(seal["signature"]), statement)
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def faults(archive: bytes, keys: Mapping[str, str]) -> list[str]:
    """Return what is not as it was kept."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _faults(opened, keys)
    except Exception as error:  # a changed byte can break anything
        return [f"it cannot be read: {error!r}"]


def _faults(archive: zipfile.ZipFile, keys: Mapping[str, str]) -> list[str]:
    whole, names, found = archive.read("archive.json"), archive.namelist(), list[str]()
    case: dict[str, Any] = json.loads(whole)
    if not is_signed(keys, json.loads(archive.read("signature.json")), b"kontor archive\n" + whole):
        found.append("archive.json is not what was signed")
    found += [f"{name} is missing, or was added" for name in set(names) ^ {*case["files"], *OWN}]
    for name in case["files"].keys() & set(names):
        if hashlib.sha256(archive.read(name)).hexdigest() != case["files"][name]:
            found.append(f"{name} is not what was received")
    heads: dict[tuple[str, int], str] = {("messages", 0): "", ("proofs", 0): ""}
    for chain in ("messages", "proofs"):
        for number, one in enumerate(case[chain], start=1):
            heads[chain, number] = hashlib.sha256(packed(heads[chain, number - 1], *one["link"])).hexdigest()
            if heads[chain, number] != one["digest"] or one["link"][:2] != [case["conversation"], number]:
                found.append(f"number {number} of the {chain} is not bound to the one before it")
            if chain == "messages" and one["file"] and case["files"][one["file"]] != one["link"][-1]:
                found.append(f"{one['file']} is not the content of message {number}")
    for one in case["checkpoints"]:
        conversation, messages, head, proofs, proofs_head, at = one["link"]
        if (
            not is_signed(keys, one, b"kontor checkpoint\n" + packed(*one["link"]))
            or conversation != case["conversation"]
        ):
            found.append(f"the checkpoint of {at} is not what was signed")
        elif (heads.get(("messages", messages)), heads.get(("proofs", proofs))) != (head, proofs_head):
            found.append(f"{messages} messages and {proofs} proofs were there at {at}, and they are not here")
    return found


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]).read_bytes(), json.loads(Path(sys.argv[2]).read_text())["keys"])
    sys.stdout.write("\n".join(wrong or ["all is as it was kept"]) + "\n")
    sys.exit(bool(wrong))
