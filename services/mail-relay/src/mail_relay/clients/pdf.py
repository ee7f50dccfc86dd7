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
MOST_MESSAGES, MOST_REFUSED, LONGEST_TEXT = 500, 100, 20_000
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
                **_written(paper.texts[row["id"]]),
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
                **_written(paper.texts.get(refused.id)),
            }
            for refused in paper.refused
            for envelope in [paper.envelopes.get(refused.id)]
        ],
    }


def _written(shown: Shown | Unread | None) -> Mapping[str, Any]:
    if not isinstance(shown, Shown):
        unread = shown.value if shown else None
        return {"subject": None, "text": None, "rtl": False, "cut": False, "attachments": [], "unread": unread}
    return {
        "subject": shown.subject or None,
        "text": shown.text[:LONGEST_TEXT],
        "rtl": _is_rtl(shown.text),
        "cut": shown.cut or len(shown.text) > LONGEST_TEXT,
        "attachments": [asdict(one) for one in shown.attachments],
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
