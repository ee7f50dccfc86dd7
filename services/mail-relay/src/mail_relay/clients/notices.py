"""Writing and sending notices: plain words from the desk of a conversation, in the language of who reads them."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from textwrap import fill
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_datetime as format_local
from chassis.identity import KeyRings, KeysUnavailable, SealBroken
from mailing.texts import one_line

from mail_relay.clients.opening import open_boxes
from mail_relay.clients.outgoing import Outgoing
from mail_relay.domain.alias import Domain, Domains, Side
from mail_relay.domain.notice import Detail, Notice
from mail_relay.domain.relaying import Outcome, Verdict

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent.parent / "templates"
LOCALES = {"de": "de_DE", "en": "en_GB"}
BERLIN = ZoneInfo("Europe/Berlin")


async def send(notice: Notice, keys: KeyRings, outgoing: Outgoing, domains: Domains) -> Outcome:
    """Send a notice; who cannot be read or reached any more is not told."""
    boxes = [box for box in (notice.email_box, notice.original_id_box) if box]
    try:
        opened = await open_boxes(boxes, keys) or {}
    except KeysUnavailable:
        return Outcome(Verdict.HELD)
    except SealBroken:
        log.error("a notice cannot be written", notice=str(notice.id))
        return Outcome(Verdict.BOUNCED)
    to = opened.get(notice.email_box or "") if notice.side is Side.BUYER else notice.reached
    if to is None:
        return Outcome(Verdict.ERASED)
    about = notice.message_id
    if notice.written_by is notice.side:
        about = opened.get(notice.original_id_box or "")
    raw = written(notice, to, about, domains.of(notice.tenant))
    answer = await outgoing.notice(notice.tenant, notice.id, to, raw, notice.created_at)
    return Outcome(Verdict(answer.end.value), answer.code, answer.text)


def written(notice: Notice, to: str, about: str | None, domain: Domain) -> bytes:
    """Return a notice as it leaves: the same bytes each time, naming nobody but the seller by its legal name.

    `about` is the Message-ID of what it answers, as its reader's program knows it.
    """
    language = notice.in_language if notice.in_language in LOCALES else "en"
    words = texts(language)
    chosen = words.get(f"{notice.kind}_{notice.side}") or words[notice.kind]
    subject, text = chosen["subject"], chosen["text"]
    desk, other = domain.address(notice.desk), domain.address(notice.other)
    facts = {"write_to": other, **_facts(notice, words["desk"], language)}
    message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    message["From"] = f'"{words["desk"]["name"]}" <{desk}>'
    message["Sender"] = domain.address("postmaster")
    message["Reply-To"] = desk
    message["To"] = to
    message["Subject"] = one_line(subject.format_map(facts), 200)
    message["Date"] = format_datetime(notice.created_at)
    message["Message-ID"] = f"<{notice.id}@{domain.name}>"
    if about is not None:
        message["In-Reply-To"] = message["References"] = one_line(about)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    paragraphs = [text.format_map(facts), words["desk"]["signature"].format_map(facts)]
    message.set_content(_wrapped("\n\n".join(paragraphs)), cte="quoted-printable")
    return message.as_bytes()


@cache
def texts(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of a language: a subject and a text for each kind, or kind and side; the desk has words."""
    return tomllib.loads((TEMPLATES / f"notices.{language}.toml").read_text("utf-8"))


def _facts(notice: Notice, words: Mapping[str, str], language: str) -> dict[str, str]:
    order = words["order"].format(number=notice.order_number) if notice.order_number else words["no_order"]
    facts = {name: _shown(name, value, words, language) for name, value in notice.about.items()}
    return {"seller": one_line(notice.seller, 200), "conversation": order, **facts}


def _shown(name: str, value: Detail, words: Mapping[str, str], language: str) -> str:
    if name.endswith("_at"):
        local = datetime.fromisoformat(str(value)).astimezone(BERLIN)
        return format_local(
            local, "d. MMMM y, HH:mm" if language == "de" else "d MMMM y, HH:mm", locale=LOCALES[language]
        )
    if isinstance(value, list):
        return ", ".join(one_line(one, 200) for one in value)
    return words.get(f"{name}_{value}", one_line(str(value), 2000))


def _wrapped(text: str) -> str:
    """Return paragraphs in lines that every mail program shows whole."""
    return "\n\n".join(
        fill(" ".join(part.split()), 76, break_long_words=False, break_on_hyphens=False)
        for part in text.strip().split("\n\n")
    )
