"""Values with parameters: Content-Type and Content-Disposition (RFC 2045, 2183, 2231)."""

import re
from collections.abc import Mapping

from mail_relay.domain.rewriting.fields import decoded, text_of

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
MAXIMUM = 200
"""So many parameters are read, and so many signs of a file's name are kept."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.){0,2000}"?|[^;\s"]{0,2000}[^;"\r\n]{0,500})')
_ESCAPED = re.compile(r"\\(.)")
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_NUMBERED = re.compile(r"(.+?)\*(\d{1,3})(\*?)")


def read(value: str) -> tuple[str, dict[str, str]]:
    """Return the value in small letters and its parameters: continued, encoded or quoted ones in plain text."""
    head, _, _ = value.partition(";")
    plain = dict[str, str]()
    parted = dict[str, dict[int, tuple[str, bool]]]()
    for count, match in enumerate(_PARAMETER.finditer(value)):
        if count == MAXIMUM:
            break
        name, text = match[1].lower(), match[2].strip()
        if text.startswith('"'):
            text = _ESCAPED.sub(r"\1", text[1:].removesuffix('"'))
        if numbered := _NUMBERED.fullmatch(name):
            parted.setdefault(numbered[1], {})[int(numbered[2])] = text, bool(numbered[3])
        elif name.endswith("*"):
            parted.setdefault(name[:-1], {})[0] = text, True
        else:
            plain.setdefault(name, text)
    for name, parts in parted.items():
        plain[name] = _joined(parts)
    return head.strip().lower(), {
        name: text if text.isprintable() and "=?" not in text else decoded(text) for name, text in plain.items()
    }


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    charset, octets = "", b""
    for number in sorted(parts):
        text, encoded = parts[number]
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        octets += _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), raw) if encoded else raw
    return text_of(octets, charset)


def written(value: str, parameters: Mapping[str, str]) -> str:
    """Return a value with its parameters, each on a line of its own where they are long, 7-bit."""
    lines = [value]
    for name, text in parameters.items():
        if _TOKEN.fullmatch(text) and len(text) <= 60:
            lines.append(f"{name}={text}")
        elif text.isascii() and text.isprintable() and len(text) <= 70 and "=?" not in text:
            lines.append('{}="{}"'.format(name, re.sub(r'(["\\])', r"\\\1", text)))
        else:
            lines += _continued(name, text)
    return "; ".join(lines) if sum(map(len, lines)) < 60 else ";\r\n ".join(lines)


def _continued(name: str, text: str) -> list[str]:
    octets = text.encode("utf-8", "replace")
    encoded = "utf-8''" + "".join(chr(octet) if chr(octet) in _PLAIN else f"%{octet:02X}" for octet in octets)
    if len(encoded) <= 60:
        return [f"{name}*={encoded}"]
    # an escape of three signs stays on one line
    parts = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", encoded)
    return [f"{name}*{number}*={part}" for number, part in enumerate(parts)]


def file_name(text: str) -> str:
    """Return a file's name without folders, so long that its ending stays."""
    name = re.split(r"[/\\]", text)[-1].strip() or "file"
    if len(name) <= MAXIMUM:
        return name
    stem, dot, ending = name.rpartition(".")
    return stem[: MAXIMUM - 20] + dot + ending[:10] if dot else name[:MAXIMUM]
