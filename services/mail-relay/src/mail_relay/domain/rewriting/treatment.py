"""What becomes of each kind of part: the one table of it."""

from enum import StrEnum

from mail_relay.domain.rewriting.entities import Entity


class Treatment(StrEnum):
    """What becomes of a part."""

    PARTS = "parts"
    """Each part by itself, between new boundaries."""
    PLAIN = "plain"
    PAGE = "page"
    CALENDAR = "calendar"
    """Organiser and attendees become aliases, the receiver himself; what only programs read goes."""
    MESSAGE = "message"
    """A forwarded message: few fields, all of it a quote."""
    KEPT = "kept"
    """Its bytes as they are; its file name is cleaned."""
    TAKEN_OUT = "taken-out"
    """A note stands in its place."""
    REPORT = "report"
    """The message is refused: reports of delivery are read by us, never handed on."""
    ENCRYPTED = "encrypted"
    """The message is refused: no reviewer could read it, and it names those who can."""
    INCOMPLETE = "incomplete"
    """The message is refused: its contents are elsewhere."""


BY_TYPE = {
    "text/html": Treatment.PAGE,
    "application/xhtml+xml": Treatment.PAGE,
    "text/watch-html": Treatment.PAGE,
    "text/x-amp-html": Treatment.TAKEN_OUT,
    "text/calendar": Treatment.CALENDAR,
    "application/ics": Treatment.CALENDAR,
    "message/rfc822": Treatment.MESSAGE,
    "message/global": Treatment.MESSAGE,
    # they name their owner
    "text/vcard": Treatment.TAKEN_OUT,
    "text/x-vcard": Treatment.TAKEN_OUT,
    "text/directory": Treatment.TAKEN_OUT,
    "application/vcard+json": Treatment.TAKEN_OUT,
    "application/ms-tnef": Treatment.TAKEN_OUT,
    "application/vnd.ms-tnef": Treatment.TAKEN_OUT,
    "application/vnd.ms-outlook": Treatment.TAKEN_OUT,
    "application/pgp-signature": Treatment.TAKEN_OUT,
    "application/pgp-keys": Treatment.TAKEN_OUT,
    "application/pkcs7-signature": Treatment.TAKEN_OUT,
    "application/x-pkcs7-signature": Treatment.TAKEN_OUT,
    "application/pkix-cert": Treatment.TAKEN_OUT,
    "application/x-x509-ca-cert": Treatment.TAKEN_OUT,
    # they tell of servers and mailboxes
    "message/delivery-status": Treatment.TAKEN_OUT,
    "message/global-delivery-status": Treatment.TAKEN_OUT,
    "message/disposition-notification": Treatment.TAKEN_OUT,
    "message/global-disposition-notification": Treatment.TAKEN_OUT,
    "message/feedback-report": Treatment.TAKEN_OUT,
    "message/tracking-status": Treatment.TAKEN_OUT,
    "message/global-headers": Treatment.TAKEN_OUT,
    "text/rfc822-headers": Treatment.TAKEN_OUT,
    "multipart/report": Treatment.REPORT,
    # a signature with its contents inside is as closed as a cipher
    "application/pkcs7-mime": Treatment.ENCRYPTED,
    "application/x-pkcs7-mime": Treatment.ENCRYPTED,
    "application/pgp-encrypted": Treatment.ENCRYPTED,
    "multipart/encrypted": Treatment.ENCRYPTED,
    "message/partial": Treatment.INCOMPLETE,
    "message/external-body": Treatment.INCOMPLETE,
}
BY_NAME = {
    "eml": Treatment.MESSAGE,
    "mht": Treatment.TAKEN_OUT,
    "mhtml": Treatment.TAKEN_OUT,
    "msg": Treatment.TAKEN_OUT,
    "oft": Treatment.TAKEN_OUT,
    "pst": Treatment.TAKEN_OUT,
    "mbox": Treatment.TAKEN_OUT,
    "vcf": Treatment.TAKEN_OUT,
    "ics": Treatment.CALENDAR,
    "p7s": Treatment.TAKEN_OUT,
    "sig": Treatment.TAKEN_OUT,
    "asc": Treatment.TAKEN_OUT,
    "p7m": Treatment.ENCRYPTED,
    "cer": Treatment.TAKEN_OUT,
    "crt": Treatment.TAKEN_OUT,
}
"""By the ending of the name, where the type does not say what it is."""
_VAGUE = {"application/octet-stream", "application/x-unknown", "application/binary", "text/plain"}


def treatment_of(entity: Entity, depth: int) -> Treatment:
    """Return what becomes of a part; a report within a message is no report about it, but something forwarded."""
    media_type = entity.media_type
    name = entity.file_name.lower()
    if name == "winmail.dat":
        return Treatment.TAKEN_OUT
    if media_type in _VAGUE and (known := BY_NAME.get(name.rpartition(".")[2] if "." in name else "")):
        return known
    if media_type == "multipart/report" and depth > 0:
        return Treatment.PARTS
    if known := BY_TYPE.get(media_type):
        return known
    if media_type.startswith("multipart/"):
        return Treatment.PARTS
    if media_type.startswith("message/"):
        return Treatment.TAKEN_OUT
    return Treatment.PLAIN if media_type.startswith("text/") else Treatment.KEPT
