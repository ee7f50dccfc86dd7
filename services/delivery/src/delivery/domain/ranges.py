"""Which bytes a request asks for (RFC 9110, 14): one range, or the whole file."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"bytes=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The file has no such bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `first` to before `end`; `partial` where the request asked for a range."""

    first: int
    end: int
    partial: bool


def requested(size: int, etag: str, asked: str | None, if_range: str | None) -> ByteRange:
    """Return what to send; a range counts only if `If-Range`, where given, is the file's strong tag (F-D10).

    Several ranges at once, and what is no range of bytes, get the whole file, as RFC 9110 14.2 allows.
    """
    whole = ByteRange(0, size, partial=False)
    if asked is None or (if_range is not None and if_range.strip() != etag):
        return whole
    match = RANGE.fullmatch(asked.strip())
    if match is None or match[1] + match[2] == "":
        return whole
    if match[1] == "":
        length = int(match[2])
        if length == 0:
            raise RangeNotSatisfiable(size)
        return ByteRange(max(0, size - length), size, partial=True)
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return whole
    if first >= size:
        raise RangeNotSatisfiable(size)
    return ByteRange(first, min(last + 1, size), partial=True)
