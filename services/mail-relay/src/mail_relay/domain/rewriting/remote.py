"""What a program would fetch when it shows a page: that tells a server who reads, from where, and when (K12).

Nothing is fetched but what came with the message, or stands in the page itself; links that people press stay.
"""

import html
import re

from mail_relay.domain.rewriting.markup import attributes

IMAGE, CONTENT = "[removed: remote image]", "[removed: remote content]"
_LOCAL = re.compile(r"cid:|data:image/(?:png|jpeg|gif|webp|bmp)[;,]|#|$", re.IGNORECASE)
# of any element, and never an address elsewhere, nor one that begins where the page was found
_FETCHED = {
    "src", "srcset", "imagesrcset", "background", "poster", "data", "lowsrc", "dynsrc", "codebase", "code", "classid",
    "archive", "manifest", "profile", "srcdoc", "ping", "xml:base", "o:href", "longdesc",
}  # fmt: skip
# Of all other attributes these alone may name an address elsewhere: what is pressed, what people read, what is a name.
_NAMES = {
    "href",
    "cite",
    "action",
    "formaction",
    "alt",
    "title",
    "label",
    "summary",
    "placeholder",
    "itemtype",
    "value",
}
_TO_PRESS = {"a", "area"}
_NEVER = {"link", "base", "animate", "set"}
_SEEN = {"iframe": CONTENT, "frame": CONTENT, "embed": CONTENT, "object": CONTENT, "audio": CONTENT, "video": CONTENT}
_TINY = re.compile(r"\s(?:width|height)\s*=\s*(?:[\"']\s*)?[0-2]\s*(?:px)?\s*[\"'\s/>]", re.IGNORECASE)
_HEADERS = {"refresh", "link"}
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|([^\n]))")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_URL = re.compile(r"url\(([^()]*)\)?", re.IGNORECASE)
_OTHERWISE = re.compile(r"@import|image-set\(|image\(|src\(|@font-face|expression\(", re.IGNORECASE)
_ELSEWHERE = re.compile(r"https?\s*:|[\"'(]\s*//", re.IGNORECASE)
# within a picture (SVG) a style is a text like others: with entities, and without what stands in a comment
_COMMENTED = re.compile(r"<!--.*?(?:-->|$)|<!\[CDATA\[|\]\]>", re.DOTALL)
_LONG = re.compile(r"https?:|:[\\/]{2}|[=(\"'][\\/]{2}|@import|srcset", re.IGNORECASE)
_INNER = re.compile(r"<[a-z/]", re.IGNORECASE)  # where a page within a picture begins, styles are no styles
_BLANKS = re.compile(r"[\x00-\x20]+")


def without_remote(tag: str, name: str, *, hidden: bool) -> str | list[tuple[int, int, str]]:
    """Return what stands instead of a tag, or else which values in it are replaced: begin, end, new value."""
    if name in _NEVER:
        return ""
    edits = list[tuple[int, int, str]]()
    for attribute, start, end in attributes(tag):
        value = html.unescape(tag[start:end])
        if attribute == "http-equiv" and value.strip().lower() in _HEADERS:
            return ""
        if attribute == "style" or (attribute not in _FETCHED | _NAMES and _URL.search(value)):
            if (clean := styles(value)) != value:
                # without quotes around it, what follows an empty value would be the value
                edits.append((start, end, html.escape(clean) if tag[start - 1] in "\"'" else "#"))
        elif _is_fetched(attribute, name) and not _is_local(attribute, value):
            if name == "img":
                return "" if hidden or _TINY.search(tag) else IMAGE
            if name in _SEEN:
                return _SEEN[name]
            edits.append((start, end, "#"))
        elif may_fetch(f"={value}") and (_INNER.search(value) or not _is_named(attribute, name)):
            edits.append((start, end, "#"))
    return edits


def _is_named(attribute: str, name: str) -> bool:
    """Return whether an address elsewhere may stand here: a page within it is one to who reads by other rules."""
    own = attribute in _NAMES and not (attribute == "value" and name == "param")
    return own or attribute.startswith(("xmlns", "data-", "aria-"))


def _is_fetched(attribute: str, name: str) -> bool:
    return attribute in _FETCHED or (attribute.rpartition(":")[2] == "href" and name not in _TO_PRESS)


def _is_local(attribute: str, value: str) -> bool:
    # a page within a page, and a list of images, say more than one address
    return attribute not in ("srcdoc", "srcset", "imagesrcset") and _LOCAL.match(value.strip()) is not None


def styles(css: str) -> str:
    """Return a style sheet, or the value of `style`, without what it fetches; of a disguised one nothing is left."""
    clean = _local(css)
    pictured = html.unescape(_COMMENTED.sub("", clean))
    return clean if pictured == clean or _local(pictured) == pictured else ""


def _local(css: str) -> str:
    plain = _ESCAPE.sub(_unescaped, _COMMENT.sub("", css))
    if _count(plain) != _count(css) or _INNER.search(css):
        return ""
    clean = _OTHERWISE.sub("removed", _URL.sub(_replaced, css))
    return "" if _ELSEWHERE.search(_COMMENT.sub("", clean)) else clean


def _count(css: str) -> int:
    return sum(1 for pattern in (_URL, _OTHERWISE) for _ in pattern.finditer(css))


def _replaced(found: re.Match[str]) -> str:
    return found[0] if _LOCAL.match(found[1].strip().strip("\"'").strip()) else "none"


def _unescaped(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else 0
    return (chr(number) if number < 0x110000 else "") if found[1] else found[2]


def opaque(text: str, name: str) -> str:
    """Return what people do not read, as it stands in `name`: styles without what they fetch; else what can fetch goes.

    Outlook reads conditional comments, and other programs what stands in elements that browsers take for text.
    """
    if name == "style":
        return styles(text)
    # a tag whose end only others find, or a tag within, or an instruction of XML
    tag = not name and (text[1:2].isalpha() or text[1:2] == "?")
    return "" if (tag or "<" in text[4 * (not name) :]) and may_fetch(text) else text


def may_fetch(text: str) -> bool:
    """Return whether a page could fetch something, which is too long to be taken apart."""
    return _LONG.search(_BLANKS.sub("", html.unescape(text))) is not None
