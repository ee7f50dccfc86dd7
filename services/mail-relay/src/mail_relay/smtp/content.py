"""What comes after DATA: a message up to its end (RFC 5321 4.1.1.4), in at most twice its size."""

import asyncio

_END = b"\r\n.\r\n"
# more than ever waits to be read: a reader takes no more once it holds twice its limit, a line
_ALL = 2**24


async def read_content(reader: asyncio.StreamReader, largest: int) -> bytes | None:
    """Return a message without the dots that SMTP puts before dots, None where it has more than `largest` bytes.

    A line ends with CR LF, and with nothing else (F-M01); what comes behind the end of the message stays to be read.
    aiosmtpd would take the message line by line, in four times its size and in the time that all the rest takes.
    """
    # the first line may be the end
    content, size, searched, found = bytearray(b"\r\n"), -len(b".\r\n"), 0, -1
    while found < 0:
        piece = await reader.read(_ALL)
        if not piece:
            raise ConnectionResetError
        content += piece
        size += len(piece)
        found = content.find(_END, searched)
        if found < 0 and size > largest:
            del content[: -len(_END)]
        searched = max(0, len(content) - len(_END))
    if rest := content[found + len(_END) :]:
        size -= len(rest)
        reader.feed_data(rest)
    if size > largest:
        return None
    del content[found + 2 :]
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n")
    return bytes(memoryview(content)[2:])
