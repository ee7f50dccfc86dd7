"""Verifies an archive of a conversation; needs Python and `cryptography`, and nothing of the suite (MAIL-6).

python verify_archive.py ARCHIVE.zip KEYS.json (the answer of `GET /.well-known/archive-keys.json`)
"""

import hashlib
import io
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def faults(archive: bytes, keys: Mapping[str, str]) -> list[str]:
    """Return what is not as it was kept: a changed byte, a message that was left out, an end that was cut off."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return [fault for holds, fault in checks(opened, keys) if not holds]
    except Exception as error:  # a changed byte can break anything
        return [f"it cannot be read: {error!r}"]


def checks(archive: zipfile.ZipFile, keys: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
    """Yield what must hold, and what is wrong if it does not."""
    whole, names, heads = archive.read("archive.json"), set(archive.namelist()), {"messages": [""], "proofs": [""]}
    seal, case = json.loads(archive.read("signature.json")), json.loads(whole)
    yield is_signed(keys, seal, b"kontor archive\n" + whole), "archive.json is not what was signed"
    for name in sorted(names ^ {*case["files"], "archive.json", "signature.json"}):
        yield False, f"{name} is missing, or was added"
    for name in names & set(case["files"]):
        yield hashlib.sha256(archive.read(name)).hexdigest() == case["files"][name], f"{name} is not what was kept"
    for chain, done in heads.items():
        for number, one in enumerate(case[chain], start=1):
            done.append(hashlib.sha256(packed(done[-1], *one["link"])).hexdigest())
            bound = done[-1] == one["digest"] and one["link"][:2] == [case["conversation"], number]
            yield bound, f"number {number} of the {chain} is not bound to the one before it"
            same = not one.get("file") or case["files"][one["file"]] == one["link"][-1]
            yield same, f"{one.get('file')} is not the content of message {number}"
    for one in case["checkpoints"]:
        conversation, messages, head, proofs, proofs_head, at = one["link"]
        signed = is_signed(keys, one, b"kontor checkpoint\n" + packed(*one["link"]))
        yield signed and conversation == case["conversation"], f"the checkpoint of {at} is not what was signed"
        there = heads["messages"][messages:][:1] == [head] and heads["proofs"][proofs:][:1] == [proofs_head]
        yield there, f"{messages} messages and {proofs} proofs were there at {at}, and they are not here"


def packed(*facts: object) -> bytes:
    """Return facts as they are hashed and signed."""
    return json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()


def is_signed(keys: Mapping[str, str], seal: Mapping[str, str], statement: bytes) -> bool:
    """Return whether a statement was signed by the key that the seal names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(keys[seal["key"]]))
        key.verify(b64decode(seal["signature"]), statement)
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]).read_bytes(), json.loads(Path(sys.argv[2]).read_text())["keys"])
    sys.stdout.write("\n".join(wrong or ["all is as it was kept"]) + "\n")
    sys.exit(bool(wrong))
