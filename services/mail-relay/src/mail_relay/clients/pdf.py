"""A case on paper: what both sides wrote and what became of it, in German or English (K8, MAIL-7)."""

import asyncio
import json
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import asyncpg
import typst

from mail_relay.clients.cases import Unread
from mail_relay.domain.attempt import Envelope, Refused
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.export import Export
from mail_relay.domain.proof import Proof
from mail_relay.domain.reading import Shown

MEDIA_TYPE = "application/pdf"
# What is beyond is in the archive, and the paper says so: it is made in memory, of texts that people chose.
MOST_MESSAGES, MOST_REFUSED = 500, 100
# each message has its share: what is longer is cut, and marked
MOST_SIGNS, MOST_LINES = 2_000_000, 20_000
LONGEST_TEXT, LONGEST_LINES = 20_000, 200
TEMPLATES = files("mail_relay") / "templates"
TEMPLATE = (TEMPLATES / "case.typ").read_bytes()
WORDS = {language: tomllib.loads((TEMPLATES / f"case.{language}.toml").read_text()) for language in ("de", "en")}


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed: the first messages, what happened to each, and who tried in vain."""

    export: Export
    conversation: Conversation
    messages: Sequence[asyncpg.Record]
    proofs: Mapping[UUID, Sequence[Proof]]
    refused: Sequence[Refused]
    texts: Mapping[UUID, Shown | Unread]
    envelopes: Mapping[UUID, Envelope | None]


async def printed(paper: Paper, now: datetime) -> bytes:
    """Return a PDF; of the same case, time and fonts the same bytes.

    Letters that neither the fonts of the typesetter nor those of the machine have are shown as boxes.
    """
    facts = json.dumps(_facts(paper, now))
    return await asyncio.to_thread(typst.compile, TEMPLATE, sys_inputs={"case": facts})


def _facts(paper: Paper, now: datetime) -> Mapping[str, Any]:
    words, one = WORDS[paper.export.language], paper.conversation
    share = max(1, len(paper.texts))
    head = [
        (words["conversation"], str(one.id)),
        (words["order"], one.order_number or "-"),
        (words["seller"], one.seller),
        (words["opened"], _time(one.opened_at)),
        (words["export"], str(paper.export.id)),
        (words["printed"], _time(now)),
    ]
    return {
        "language": paper.export.language,
        "words": {**words, "seller": words["seller_side"]},
        "conversation": str(one.id),
        "facts": head,
        "messages": [
            {
                "number": row["number"],
                "side": row["side"],
                "at": _time(row["received_at"]),
                "state": row["state"],
                "proofs": [_proof(proof) for proof in paper.proofs.get(row["id"], ())],
                **_written(paper.texts[row["id"]], share),
            }
            for row in paper.messages[:MOST_MESSAGES]
        ],
        "left_out": max(0, len(paper.messages) - MOST_MESSAGES),
        "refused": [
            {
                "side": refused.side,
                "at": _time(refused.refused_at),
                "reason": refused.reason,
                "size": refused.size,
                "envelope": " · ".join(asdict(envelope).values()) if envelope else None,
                **_written(paper.texts.get(refused.id), share),
            }
            for refused in paper.refused
            for envelope in [paper.envelopes.get(refused.id)]
        ],
    }


def _written(shown: Shown | Unread | None, share: int) -> Mapping[str, Any]:
    if not isinstance(shown, Shown):
        unread = shown.value if shown else None
        return {"subject": None, "text": None, "rtl": False, "cut": False, "attachments": [], "unread": unread}
    lines = shown.text[: min(LONGEST_TEXT, MOST_SIGNS // share)].split("\n")
    text = "\n".join(lines[: min(LONGEST_LINES, MOST_LINES // share)])
    return {
        "subject": shown.subject[:500] or None,
        "text": text,
        "rtl": _is_rtl(shown.text),
        "cut": shown.cut or len(text) < len(shown.text),
        "attachments": [asdict(one) for one in shown.attachments[:100]],
        "unread": "raw" if shown.unread else None,
    }


def _is_rtl(text: str) -> bool:
    """Return whether a text begins with a letter that is written from the right (UAX 9, P2)."""
    strong = (unicodedata.bidirectional(sign) for sign in text[:1000])
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def _proof(proof: Proof) -> Mapping[str, str]:
    details = " ".join(str(value) for value in proof.details.values() if value not in (None, 0, ""))
    return {"at": _time(proof.at), "fact": proof.fact.value, "details": details}


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
