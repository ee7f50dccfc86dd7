"""Texts that others wrote, made fit for a header line or a record."""

import re

_ANY_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
# What harms is named, one by one: whether Python's tables know a sign says nothing, for an emoji may be younger than
# they are, and joiners (U+200C, U+200D) belong to the spelling of words and emoji.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
# the blank between the names of a Japanese belongs to their spelling
_BLANKS = re.compile(r"[^\S\u3000]+")
# the letters behind a black flag say whose it is (UTS 51)
_MARKS = re.compile(f"(\U0001f3f4[\U000e0030-\U000e007a]{{2,6}}\U000e007f)|[{_INVISIBLE}]")
ANSWER_LENGTH = 300


def one_line(text: str, length: int = 500) -> str:
    """Return the text on one line, spelt as it was, without what controls: breaks, and marks that turn its direction.

    The marks are those of Unicode's property Bidi_Control and others without width that hide or reorder text.
    """
    # most texts are printable, which excludes all of these at once
    plain = text if text.isprintable() else _MARKS.sub(r"\1", _BREAKS.sub(" ", text))
    return _BLANKS.sub(" ", plain).strip()[:length]


def scrubbed(answer: str, address: str = "") -> str:
    """Return a server's answer without the customer's address or any other (M23)."""
    plain = one_line(answer, 2000)
    for personal in (address, address.rpartition("@")[0]):
        # to look is quicker than to make a pattern of each address
        if len(personal) >= 3 and (not (plain + personal).isascii() or personal.lower() in plain.lower()):
            plain = re.sub(re.escape(personal), "***", plain, flags=re.IGNORECASE)
    return _ANY_ADDRESS.sub("***", plain)[:ANSWER_LENGTH]
