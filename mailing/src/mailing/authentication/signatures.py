"""The signatures of a message: DKIM (RFC 6376, 8301, 8463), computed by dkimpy."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import dkim
import structlog
from dkim import util

from mailing.authentication.author import Head
from mailing.authentication.verdicts import Verdict
from mailing.dkim_message import DkimMessage
from mailing.resolver import Questions, Unanswered

log = structlog.get_logger(__name__)

# dkimpy has no types
_PARSE = cast("Callable[[bytes], object]", util.parse_tag_value)  # pyright: ignore[reportUnknownMemberType] -- that is why
MOST_SIGNATURES = 8
MOST_FIELD_BYTES = 8_192
ALGORITHMS = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}
# fields that stand once in a message (RFC 5322 3.6); of two, a signature covers one and a reader may see the other
SINGLE = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
# dkimpy's expressions take long over blanks; a line is folded by a handful
_LONG_BLANKS = re.compile(rb"\s{40}")
_DOMAIN = re.compile(rb"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.I)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature proves: if the verdict is a pass, that this domain signed the message as it is."""

    domain: str
    selector: str
    verdict: Verdict
    reason: str = ""


class Unacceptable(Exception):
    """Something that signs is not looked at any further; the verdict and the reason say why."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict, self.reason = verdict, reason


async def check_signatures(raw: bytes, head: Head, questions: Questions) -> tuple[Signature, ...]:
    """Judge the signatures, of many the topmost; what goes wrong is never a pass."""
    values = head.values(b"dkim-signature")[:MOST_SIGNATURES]
    return tuple([await _check(raw, head, number, value, questions) for number, value in enumerate(values)])


async def _check(raw: bytes, head: Head, number: int, value: bytes, questions: Questions) -> Signature:
    tags = dict[bytes, bytes]()
    try:
        tags = read_tags(value, "the signature")
        accept(tags, head)
        key = await find_key(tags, questions)
        verdict = await asyncio.to_thread(_verdict, raw, number, key)
        reason = "" if verdict is Verdict.PASS else "it does not fit the message"
    except Unacceptable as error:
        verdict, reason = error.verdict, error.reason
    return Signature(_text(tags, b"d").lower(), _text(tags, b"s").lower(), verdict, reason)


def _text(tags: dict[bytes, bytes], tag: bytes) -> str:
    return tags.get(tag, b"").decode("ascii", "replace")


def read_tags(value: bytes, what: str) -> dict[bytes, bytes]:
    """Read a list of tags (RFC 6376 3.2). Raises Unacceptable."""
    if len(value) > MOST_FIELD_BYTES or _LONG_BLANKS.search(value):
        raise Unacceptable(Verdict.PERMERROR, f"{what} is too long")
    try:
        return cast("dict[bytes, bytes]", _PARSE(value))
    except util.InvalidTagValueList:
        raise Unacceptable(Verdict.PERMERROR, f"{what} cannot be read") from None


def accept_signer(tags: dict[bytes, bytes]) -> None:
    """Raise Unacceptable unless it is told who has signed, by an algorithm that is good (RFC 8301 3.1)."""
    for tag in (b"d", b"s"):
        if not _DOMAIN.fullmatch(tags.get(tag, b"")):
            raise Unacceptable(Verdict.PERMERROR, "no domain or selector")
    if tags.get(b"a") not in ALGORITHMS:
        raise Unacceptable(Verdict.PERMERROR, "an unknown or broken algorithm")


def accept(tags: dict[bytes, bytes], head: Head) -> None:
    """Raise Unacceptable for what would prove less than it seems (RFC 6376 8.2, 8.15)."""
    accept_signer(tags)
    signed = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
    if b"from" not in signed:
        raise Unacceptable(Verdict.PERMERROR, "the From is not signed")
    if b"l" in tags:
        raise Unacceptable(Verdict.POLICY, "the end of the body is not signed (l=)")
    for name in SINGLE:
        if len(head.values(name)) > 1:
            raise Unacceptable(Verdict.POLICY, f"more than one {name.decode()}")


async def find_key(tags: dict[bytes, bytes], questions: Questions) -> bytes:
    """Return the record of a key if it is for such a signature (RFC 6376 3.6.1). Raises Unacceptable."""
    try:
        records = await questions.records(f"{_text(tags, b's')}._domainkey.{_text(tags, b'd')}", "TXT")
    except Unanswered as error:
        raise Unacceptable(Verdict.TEMPERROR if error.temporary else Verdict.PERMERROR, str(error)) from None
    candidates = [record for record in records if b"p=" in record]
    if len(candidates) != 1:
        raise Unacceptable(Verdict.PERMERROR, "no key" if not candidates else "more than one key")
    key = read_tags(candidates[0], "the key")

    def listed(tag: bytes) -> list[bytes]:
        return [entry.strip().lower() for entry in key.get(tag, b"").split(b":")]

    identity = tags.get(b"i", b"@" + tags[b"d"]).rpartition(b"@")[2].lower()
    refusals = {
        "another version": key.get(b"v", b"DKIM1") != b"DKIM1",
        "revoked": not key.get(b"p", b""),
        "not for this algorithm": key.get(b"k", b"rsa") != ALGORITHMS[tags[b"a"]],
        "not for sha256": b"h" in key and b"sha256" not in listed(b"h"),
        "not for mail": b"s" in key and not {b"*", b"email"} & set(listed(b"s")),
        "not for subdomains": b"s" in listed(b"t") and identity != tags[b"d"].lower(),
    }
    for reason, refused in refusals.items():
        if refused:
            raise Unacceptable(Verdict.PERMERROR, f"the key is {reason}")
    if b"y" in listed(b"t"):
        raise Unacceptable(Verdict.NEUTRAL, "the key is only being tried")
    return candidates[0]


def _verdict(raw: bytes, number: int, key: bytes) -> Verdict:
    try:
        good = DkimMessage(raw).verify(number, dnsfunc=lambda: key)
    except dkim.ValidationError as error:
        # a body that was changed is a failure; a field that breaks the rules is an error
        return Verdict.FAIL if "mismatch" in str(error) else Verdict.PERMERROR
    except Exception as error:
        # what strangers write into fields and keys, dkimpy trips over at times
        log.info("a signature could not be read", reason=type(error).__name__)
        return Verdict.PERMERROR
    return Verdict.PASS if good else Verdict.FAIL
