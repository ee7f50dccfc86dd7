"""Messages that are handed in again because their server did not hear that they were taken (F-M25)."""

import hashlib
import re
from datetime import timedelta

from mail_relay.domain.admission import head_of

# servers try for four to five days (RFC 5321 4.5.4.1)
KNOWN_FOR = timedelta(days=7)
# What its writer says, and what goes on; whatever else there is, servers add on the way, at each attempt anew.
_FIELDS = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|in-reply-to|references|content-[a-z-]+):[^\r]*(?:\r\n[ \t][^\r]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_HAS_ID = re.compile(rb"^message-id:[ \t]*\S", re.IGNORECASE | re.MULTILINE)


def fingerprint(content: bytes, recipient: str) -> bytes | None:
    """Return what is equal only of one message that is handed in for a recipient again, None where it has no id.

    The envelope sender is not in it, for some servers sign it anew each day (BATV): who writes is judged by itself.
    """
    head = head_of(content)
    if _HAS_ID.search(head) is None:
        return None
    found = hashlib.sha256(recipient.encode())
    for field in _FIELDS.finditer(head):
        found.update(b"\0" + field[0])
    found.update(b"\0")
    found.update(memoryview(content)[len(head) :])
    return found.digest()
