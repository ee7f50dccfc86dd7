"""Whether a server may send for the domain of an envelope sender: SPF (RFC 7208), judged by pyspf."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Protocol, cast

import spf
import structlog

from mailing.authentication.verdicts import Verdict
from mailing.resolver import Kind, Questions, Unanswered

log = structlog.get_logger(__name__)

MOST_LABEL = 63
# policies of so many octets are judged in less time than a thread takes to begin
SHORT = 1_000


@dataclass(frozen=True, slots=True)
class SpfResult:
    """The verdict about the domain of the envelope sender, or of the greeting where that is empty (RFC 7208 2.4)."""

    verdict: Verdict
    domain: str


class _Judge(Protocol):
    """What we use of pyspf's query, which has no types."""

    void_lookups: int

    def check(self) -> tuple[str, int, str]: ...


class _Wanted(Exception):
    """An answer that has not been asked for yet."""

    def __init__(self, name: str, kind: Kind) -> None:
        super().__init__(name)
        self.name = name
        self.kind: Kind = kind


async def check_spf(peer: str, helo: str, envelope_sender: str, questions: Questions) -> SpfResult:
    """Judge a sender; what goes wrong is `temperror` or `permerror`, never a pass.

    pyspf asks names by itself and waits for them. So it runs on the answers that are there until it wants another,
    which is asked while no thread waits, and runs again: it is pure but for that.
    """
    local, _, domain = envelope_sender.rpartition("@")
    domain = (domain or helo).rstrip(".").lower()
    if "@" in local:
        return SpfResult(Verdict.PERMERROR, domain)
    sender = f"{local or 'postmaster'}@{domain}"
    with contextlib.suppress(Unanswered):
        await questions.records(domain, "TXT")  # which it wants first
    while True:
        try:
            if questions.octets <= SHORT:
                return SpfResult(_verdict(peer, sender, helo, questions), domain)
            return SpfResult(await asyncio.to_thread(_verdict, peer, sender, helo, questions), domain)
        except _Wanted as wanted:
            try:
                await questions.records(wanted.name, wanted.kind)
            except Unanswered:
                continue


def _verdict(peer: str, sender: str, helo: str, questions: Questions) -> Verdict:
    try:
        judge = cast("_Judge", _Query(peer, sender, helo, questions))
        return Verdict(judge.check()[0])
    except _Wanted:
        raise
    except spf.PermError:
        return Verdict.PERMERROR
    except Exception as error:
        # records are written by anybody, and pyspf trips over some
        log.warning("a policy could not be read", reason=type(error).__name__)
        return Verdict.PERMERROR


# pyspf has no types
_SPF = cast("Any", spf)


class _Query(cast("type[Any]", spf.query)):
    """pyspf's query with our questions instead of its own; it bounds mechanisms (10) and empty answers (2)."""

    void_lookups: int

    def __init__(self, peer: str, sender: str, helo: str, questions: Questions) -> None:
        _SPF.query.__init__(self, i=peer, s=sender, h=helo)
        self.questions = questions

    def dns(self, name: str, qtype: Kind, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """Return what is known of a name (RFC 7208 4.6.4)."""
        name = str(name).rstrip(".").lower()
        if not all(0 < len(label) <= MOST_LABEL for label in name.split(".")):
            return []
        answer = self.questions.known(name, qtype)
        if answer is None:
            raise _Wanted(name, qtype)
        if isinstance(answer, Unanswered):
            raise (spf.TempError if answer.temporary else spf.PermError)(str(answer))
        if not answer and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many empty answers")
        return [(text,) for text in answer] if qtype == "TXT" else list(answer)

    def get_explanation(self, spec: str) -> None:
        """Ask for no explanation: we pass on no sentences of strangers."""
