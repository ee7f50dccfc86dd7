"""Invitations (RFC 5545): whose address stands in them becomes an alias, for the receiver his own."""

import re

from mail_relay.domain.rewriting.hiding import Hiding
from mail_relay.domain.rewriting.plain import plain_text
from mail_relay.domain.rewriting.way import Change, Kind

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z0-9-]{1,60})((?:;(?:[^\":;]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)=((?:\"[^\"]*\"|[^;\"])*)")
_PERSONS = {"ORGANIZER", "ATTENDEE"}
# SENT-BY, EMAIL, DIR and CN name people and their servers
_PARAMETERS = {"CUTYPE", "ROLE", "PARTSTAT", "RSVP"}
_SENTENCES = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT"}
_ADDRESS = re.compile(r"mailto:\s*([^\s?\"<>]+)", re.IGNORECASE)


def calendar(source: str, hiding: Hiding, place: str, *, quoted: bool) -> tuple[str, list[Change]]:
    """Return an invitation for the receiver: persons by alias, nothing that only a program of the sender reads."""
    lines, changes = list[str](), list[Change]()
    for line in re.split(r"\r?\n", _FOLD.sub("", source)):
        match = _LINE.fullmatch(line)
        name = match[1].upper() if match else ""
        if match is None or name.startswith("X-") or name == "CONTACT":
            continue
        if name in _PERSONS:
            person, change = _person(match, name, hiding, place)
            lines += person
            changes.append(change)
        elif name in _SENTENCES and not quoted:
            text, found = plain_text(match[3], hiding, place, quoted=False)
            changes += found
            # its parameters may be a second form of the text (ALTREP)
            lines.append(f"{match[1]}:{text}")
        else:
            clean = hiding.cleaned(line)
            if clean != line:
                changes.append(Change(Kind.REPLACED, name, place))
            lines.append(clean)
    return "\r\n".join(_folded(line) for line in lines) + "\r\n", changes


def _person(match: re.Match[str], name: str, hiding: Hiding, place: str) -> tuple[list[str], Change]:
    """Return the line of an organiser or attendee, none for one who is not of the conversation."""
    found = _ADDRESS.search(match[3])
    address = found[1] if found else match[3].strip()
    shown = hiding.shown(address)
    if shown is None:
        return [], Change(Kind.LEFT_OFF, address, place)
    kept = [
        f";{parameter}={value}" for parameter, value in _PARAMETER.findall(match[2]) if parameter.upper() in _PARAMETERS
    ]
    return [f"{name}{''.join(kept)}:mailto:{shown}"], Change(Kind.REPLACED, address, place)


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets."""
    if len(line) <= 75 and line.isascii():
        return line
    pieces, piece = list[str](), ""
    for sign in line:
        if len((piece + sign).encode("utf-8", "replace")) > 73:
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])
