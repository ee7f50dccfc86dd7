"""The header of a message by the list of what is allowed: nothing else of it goes on (F-M06)."""

from collections.abc import Iterable
from email.utils import format_datetime

from mail_relay.domain.rewriting.entities import Entity, Reading
from mail_relay.domain.rewriting.fields import addresses, date_of, decoded, mailbox, message_ids, phrase, unstructured
from mail_relay.domain.rewriting.hiding import Hiding
from mail_relay.domain.rewriting.way import Change, Kind, Reason, Refused, Way

REFERENCES = 100
"""So many Message-IDs of a thread go on: the first, and the last ones (RFC 5322 lets a program cut the middle)."""

REFERRING = (("in-reply-to", "In-Reply-To"), ("references", "References"))


def referred(raw: bytes) -> frozenset[str]:
    """Return the Message-IDs that a message refers to.

    Raises:
        Refused: A field that is kept is too long.
    """
    end = raw.find(b"\r\n\r\n")
    head = raw if end < 0 else raw[: end + 4]
    root = Reading().entity(head, 0, len(head))
    return frozenset(each for name, _ in REFERRING for each in message_ids(root.first(name)))


def header(root: Entity, way: Way, hiding: Hiding) -> tuple[list[str], list[Change]]:
    """Return the lines of the header as the receiver sees them, without those of MIME.

    Of two subjects or dates the first one counts.

    Raises:
        Refused: It names no author, or several.
    """
    authors = root.fields.get("from", [])
    if not authors or not authors[0]:
        raise Refused(Reason.NO_AUTHOR)
    if len(authors) > 1 or len(addresses(authors)) > 1:
        raise Refused(Reason.SEVERAL_AUTHORS)
    changes, seen = list[Change](), set[str]()
    to = _persons(root, "to", hiding, changes, seen)
    cc = _persons(root, "cc", hiding, changes, seen)
    lines = [f"From: {mailbox(way.name, way.alias)}", f"Reply-To: {way.alias}"]
    if to or not cc:
        lines.append(f"To: {_folded(to, ',') if to else 'undisclosed-recipients:;'}")
    if cc:
        lines.append(f"Cc: {_folded(cc, ',')}")
    if "subject" in root.fields:
        lines.append(f"Subject: {_subject(root, hiding, changes, 'subject')}")
    lines += (
        f"Date: {format_datetime(date_of(root.first('date'), way.accepted_at))}",
        f"Message-ID: {way.message_id}",
    )
    for name, field in REFERRING:
        known = [way.known_ids[each] for each in message_ids(root.first(name)) if each in way.known_ids]
        if known := list(dict.fromkeys(known)):
            known = known if len(known) <= REFERENCES else [known[0], *known[1 - REFERENCES :]]
            lines.append(f"{field}: {_folded(known)}")
    if way.unsubscribe is not None:
        address, url = way.unsubscribe
        lines.append(f"List-Unsubscribe: <mailto:{address}?subject=stop>,\r\n <{url}>")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return lines, changes


def forwarded_header(inner: Entity, way: Way, hiding: Hiding, place: str) -> tuple[list[str], list[Change]]:
    """Return the header of a forwarded message: who wrote it to whom of the conversation, when, about what."""
    changes = list[Change]()
    lines = list[str]()
    if authors := addresses(inner.fields.get("from", [])[:1]):
        name = hiding.cleaned(authors[0][0])
        shown = hiding.shown(authors[0][1])
        # of somebody outside of the conversation the name only, as a group of nobody (RFC 6854)
        lines.append(f"From: {mailbox(name, shown)}" if shown else f"From: {phrase(name or 'unknown')}:;")
    for name, field in (("to", "To"), ("cc", "Cc")):
        shown = [seen for _, address in addresses(inner.fields.get(name, [])) if (seen := hiding.shown(address))]
        if shown := list(dict.fromkeys(shown)):
            lines.append(f"{field}: {_folded(shown, ',')}")
    if "subject" in inner.fields:
        lines.append(f"Subject: {_subject(inner, hiding, changes, place)}")
    if moment := inner.first("date"):
        lines.append(f"Date: {format_datetime(date_of(moment, way.accepted_at))}")
    return lines, changes


def _persons(root: Entity, name: str, hiding: Hiding, changes: list[Change], seen: set[str]) -> list[str]:
    """Return the addresses of To or Cc as the receiver sees them; names of an address book are not shown."""
    persons = list[str]()
    for _, address in addresses(root.fields.get(name, [])):
        shown = hiding.shown(address)
        if shown is None:
            changes.append(Change(Kind.LEFT_OFF, address, name))
        elif shown not in seen:
            seen.add(shown)
            persons.append(shown)
    return persons


def _subject(entity: Entity, hiding: Hiding, changes: list[Change], place: str) -> str:
    subject = decoded(entity.first("subject"))
    clean = hiding.cleaned(subject)
    if clean != subject:
        changes.append(Change(Kind.REPLACED, "subject", place))
    return unstructured(clean)


def _folded(items: Iterable[str], mark: str = "") -> str:
    """Return addresses or ids, each on a line of its own."""
    return f"{mark}\r\n ".join(items)
