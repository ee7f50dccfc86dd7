"""Verifies an archive of a conversation (MAIL-6); needs Python and `cryptography`. What it checks, the README says.

python verify_archive.py ARCHIVE.zip KEYS.json (the answer of `GET /.well-known/archive-keys.json`)
"""

import io
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def faults(archive: bytes, keys: Mapping[str, str]) -> list[str]:
    """Return what is not as it was kept: a changed byte, a message that was left out, an end that was cut off."""
    try:
        return list(differences(zipfile.ZipFile(io.BytesIO(archive)), keys))
    except Exception as error:  # a changed byte can break anything
        return [f"it cannot be read: {error!r}"]


def differences(archive: zipfile.ZipFile, keys: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong: with the whole, with each file, with each link of both chains, with each checkpoint."""
    files = {name: archive.read(name) for name in archive.namelist()}
    whole, seal = files.pop("archive.json"), json.loads(files.pop("signature.json"))
    case, heads = json.loads(whole), {"messages": [""], "proofs": [""]}
    if not is_signed(keys, seal, b"kontor archive\n" + whole):
        yield "archive.json is not what was signed"
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    for name in sorted(dict(hashes.items() ^ case["files"].items())):
        yield f"{name} is not what was kept, is missing, or was added"
    for chain, known in heads.items():
        for number, one in enumerate(case[chain], start=1):
            known.append(sha256(packed(known[-1], *one["link"])).hexdigest())
            content = case["files"].get(one.get("file"), one["link"][-1])
            if [*one["link"][:2], one["link"][-1], one["digest"]] != [case["conversation"], number, content, known[-1]]:
                yield f"number {number} of the {chain} is not what stood behind the one before it"
    for one in case["checkpoints"]:
        conversation, messages, head, proofs, proofs_head, at = one["link"]
        ends = [case["conversation"], heads["messages"][messages:][:1], heads["proofs"][proofs:][:1]]
        if not is_signed(keys, one, b"kontor checkpoint\n" + packed(*one["link"])):
            yield f"the checkpoint of {at} is not what was signed"
        if ends != [conversation, [head], [proofs_head]]:
            yield f"{messages} messages and {proofs} proofs were there at {at}, and they are not here"


def packed(*facts: object) -> bytes:
    """Return facts as they are hashed and signed."""
    return json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()


def is_signed(keys: Mapping[str, str], seal: Mapping[str, str], statement: bytes) -> bool:
    """Return whether a statement was signed by the key that the seal names."""
    with suppress(InvalidSignature, KeyError, ValueError):
        Ed25519PublicKey.from_public_bytes(b64decode(keys[seal["key"]])).verify(b64decode(seal["signature"]), statement)
        return True
    return False


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]).read_bytes(), json.loads(Path(sys.argv[2]).read_text())["keys"])
    sys.stdout.write("\n".join(wrong or ["all is as it was kept"]) + "\n")
    sys.exit(bool(wrong))
