"""What earlier servers found of a message before they changed it: ARC (RFC 8617), computed by dkimpy.

A mailing list or a forwarder breaks what proved the author. A chain says what the first of them had found, which is as
true as each of them is: nothing in it counts unless whoever asks trusts all who have sealed.
"""

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import dkim
import structlog

from mailing.authentication.author import Head, NoAuthor, without_names
from mailing.authentication.signatures import MOST_FIELD_BYTES, Unacceptable, accept, accept_signer, find_key, read_tags
from mailing.authentication.verdicts import Verdict
from mailing.dkim_message import DkimMessage
from mailing.resolver import Questions

log = structlog.get_logger(__name__)

# RFC 8617 4.2.1 allows fifty, each with two signatures that are verified
MOST_SETS = 10
_SEAL, _SIGNATURE, _RESULTS = b"arc-seal", b"arc-message-signature", b"arc-authentication-results"
_LONG_BLANKS = re.compile(rb"\s{40}")
# dkimpy has no types
_DKIM = cast("Any", dkim)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain: only if the verdict is a pass, who has sealed, and what the first of them had found of the message."""

    verdict: Verdict
    sealers: frozenset[str] = frozenset()
    results: str = ""

    def proves(self, domain: str, trusted: Collection[str]) -> bool:
        """Return whether the domain of the author passed DMARC at the first server, all of them being trusted."""
        if self.verdict is not Verdict.PASS or not self.sealers <= set(trusted):
            return False
        try:
            found = [clause.lower().split() for clause in without_names(self.results).split(";")]
        except NoAuthor:
            return False
        passed = [properties for method, *properties in filter(None, found) if method == "dmarc=pass"]
        return len(passed) == 1 and f"header.from={domain}" in passed[0]


async def check_arc(raw: bytes, head: Head, questions: Questions) -> Chain:
    """Validate the chain of a message (RFC 8617 5.2); what goes wrong is never a pass."""
    fields = [(name, value) for name, value in head.fields if name in (_SEAL, _SIGNATURE, _RESULTS)]
    if not fields:
        return Chain(Verdict.NONE)
    if len(fields) > 3 * MOST_SETS or any(len(v) > MOST_FIELD_BYTES or _LONG_BLANKS.search(v) for _, v in fields):
        return Chain(Verdict.FAIL)
    keys = dict[bytes, bytes]()
    for name, value in fields:
        if name == _RESULTS:
            continue
        try:
            tags = read_tags(value, "a part of a chain")
            if name == _SIGNATURE:
                accept(tags, head)
            else:
                accept_signer(tags)
            signer = {tag: tags[tag] for tag in (b"d", b"s", b"a")}  # i is the number of the set here
            keys[_mark(tags)] = await find_key(signer, questions)
        except Unacceptable as error:
            # without a key it does not fit; of older sets only the seal has to
            if error.verdict is Verdict.TEMPERROR:
                return Chain(Verdict.TEMPERROR)
    return await asyncio.to_thread(_validated, raw, keys)


def _validated(raw: bytes, keys: Mapping[bytes, bytes]) -> Chain:
    try:
        verdict, sets, _ = _ArcMessage(raw, keys).validated()
    except Exception as error:
        # what strangers write into fields and keys, dkimpy trips over at times
        log.info("a chain could not be read", reason=type(error).__name__)
        return Chain(Verdict.FAIL)
    if verdict != b"pass":
        return Chain(Verdict.FAIL)
    sealers = frozenset(one["as-domain"].decode("ascii", "replace").lower() for one in sets)
    # the number of the set stands before the results
    return Chain(Verdict.PASS, sealers, sets[-1]["aar-value"].decode("utf-8", "replace").partition(";")[2].strip())


def _mark(tags: Mapping[bytes, bytes]) -> bytes:
    """Return what tells a signature from the others."""
    return b"".join(tags.get(b"b", b"").split())


class _ArcMessage(DkimMessage, cast("type[Any]", dkim.ARC)):
    """A message whose chain dkimpy validates, with keys that were asked for before."""

    def __init__(self, raw: bytes, keys: Mapping[bytes, bytes]) -> None:
        self._keys = keys
        super().__init__(raw)

    def validated(self) -> tuple[bytes | None, list[dict[str, Any]], str]:
        """Return dkimpy's verdict, what each set says, the newest first, and why."""
        return _DKIM.ARC.verify(self)

    def verify_sig(
        self, sig: dict[bytes, bytes], include_headers: list[bytes], sig_header: tuple[bytes, bytes], dnsfunc: object
    ) -> bool:
        """Verify a seal or a signature."""
        del dnsfunc
        key = self._keys.get(_mark(sig))
        if key is None:
            raise dkim.ValidationError("no key")
        return super().verify_sig(sig, include_headers, sig_header, lambda: key)
