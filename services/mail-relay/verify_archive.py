"""Verifies what a reviewer has got of a conversation, with nothing but Python.

python verify_archive.py CONVERSATION MESSAGES.json MAILBOX.mbox

MESSAGES.json is the answer of `GET /conversations/{conversation}/messages`, the mailbox that of `.../mbox`. Each
message is bound to the one before it; one changed byte anywhere is named (MAIL-6).
"""

import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path


def faults(conversation: str, messages: list[dict[str, object]], mailbox: bytes) -> list[str]:
    """Return what is not as it was when it was received."""
    found, before = list[str](), ""
    contents = re.split(rb"(?m)^From (?=(?:buyer|seller)@message-)[^\n]*\n", mailbox)[1:]
    if len(contents) != len(messages):
        found.append(f"{len(contents)} messages in the mailbox, {len(messages)} in the list")
    for number, (message, content) in enumerate(zip(messages, contents, strict=False), start=1):
        raw = re.sub(rb"(?m)^>(>*From )", rb"\1", content.removesuffix(b"\n")).replace(b"\n", b"\r\n")
        if hashlib.sha256(raw).hexdigest() != message["content_hash"]:
            found.append(f"message {number} is not what was received")
        at = datetime.fromisoformat(str(message["received_at"])).astimezone(UTC).isoformat(timespec="microseconds")
        facts = [before, conversation, number, message["message"], message["side"], at, message["size"]]
        digest = hashlib.sha256(json.dumps([*facts, message["content_hash"]], separators=(",", ":")).encode())
        if (before := digest.hexdigest()) != message["digest"]:
            found.append(f"message {number} is not bound to the one before it")
    return found


if __name__ == "__main__":
    items = json.loads(Path(sys.argv[2]).read_text())["items"]
    wrong = faults(sys.argv[1], items, Path(sys.argv[3]).read_bytes())
    sys.stdout.write("\n".join(wrong or [f"{len(items)} messages are as they were received"]) + "\n")
    sys.exit(bool(wrong))
