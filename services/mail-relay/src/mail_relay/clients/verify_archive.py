"""Verifies an archive of a conversation (MAIL-6); needs Python and `cryptography`. What it checks, the README says.

python verify_archive.py ARCHIVE.zip KEYS.json (the answer of `GET /.well-known/archive-keys.json`)
"""

import io
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PACK = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode  # facts, as they are hashed and signed


def faults(archive: bytes, keys: Mapping[str, str]) -> list[str]:
    """Return what is not as it was kept: a changed byte, a message that was left out, an end that was cut off."""
    try:
        return list(differences(zipfile.ZipFile(io.BytesIO(archive)), keys))
    except Exception as error:  # a changed byte can break anything
        return [f"it cannot be read: {error!r}"]


def differences(archive: zipfile.ZipFile, keys: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong: with a signature, with a file, with a link of both chains, with what a checkpoint saw."""
    files = {name: archive.read(name) for name in archive.namelist()}
    whole, seal = files.pop("archive.json"), json.loads(files.pop("signature.json"))
    case, heads = json.loads(whole), {"messages": [""], "proofs": [""]}
    signed = [("archive.json", seal, b"kontor archive\n" + whole)]
    signed += [
        ("a checkpoint", one, b"kontor checkpoint\n" + PACK(one["link"]).encode()) for one in case["checkpoints"]
    ]
    for what, one, statement in signed:
        try:
            key = Ed25519PublicKey.from_public_bytes(b64decode(keys[one["key"]]))
            key.verify(b64decode(one["signature"]), statement)
        except (InvalidSignature, KeyError, ValueError):
            yield f"{what} is not what was signed"
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    yield from (f"{name} is not what was kept" for name in sorted(dict(hashes.items() ^ case["files"].items())))
    for chain, known in heads.items():
        for number, one in enumerate(case[chain], start=1):
            known.append(sha256(PACK([known[-1], *one["link"]]).encode()).hexdigest())
            content = case["files"].get(one.get("file"), one["link"][-1])
            if [*one["link"][:2], one["link"][-1], one["digest"]] != [case["conversation"], number, content, known[-1]]:
                yield f"number {number} of the {chain} is not what stood behind the one before it"
    for conversation, messages, head, proofs, proofs_head, at in (one["link"] for one in case["checkpoints"]):
        ends = [conversation, heads["messages"][messages:][:1], heads["proofs"][proofs:][:1]]
        if ends != [case["conversation"], [head], [proofs_head]]:
            yield f"{messages} messages and {proofs} proofs were there at {at}, and they are not here"


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]).read_bytes(), json.loads(Path(sys.argv[2]).read_text())["keys"])
    sys.stdout.write("\n".join(wrong or ["all is as it was kept"]) + "\n")
    sys.exit(bool(wrong))
