"""Names under which somebody is found in a messenger or network."""

import re
from collections.abc import Iterator

from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.hinted import hinted

MESSENGERS = (
    r"whats\s?-?app|whatsup|watsapp|wapp|telegram|signal|discord|skype|threema|wechat|weixin|viber|instagram|"
    r"insta|snapchat|snap|"
    r"facebook|fb messenger|messenger|icq|linkedin|xing|tiktok|twitter|kik|teams|facetime|imessage"
)
MESSENGER_HINT = (
    "what|wapp|wats|telegram|signal|discord|skype|threema|wechat|weixin|viber|insta|snap|facebook|messenger|icq|"
    "linkedin|xing|tiktok|twitter|kik|teams|facetime|imessage"
)
_NAME = r"@?[^\W\d_][\w.-]*[\w]"
_IS = r"(?:\s*[:=]\s*|\s+(?:ist|is|lautet|name|id|user|handle|nick|kontakt)\s*(?::|=|ist|is|lautet)?\s*)"
_NAMED = hinted(
    rf"\b(?:mein\w*|my|unser\w*|our)?\s*\b(?:{MESSENGERS})(?:[\s-]?(?:id|name|user|username|handle|nick|nummer|"
    rf"kontakt|account))?{_IS}(?P<name>{_NAME})",
    MESSENGER_HINT,
)
_UNDER = hinted(
    rf"\b(?:auf|bei|on|in|via|über|per)\s+(?:{MESSENGERS})\b[^.!?\n]{{0,25}}?\s(?:als|as|unter|under|"
    rf"@)\s*(?:dem namen |the name )?(?P<name>{_NAME})",
    MESSENGER_HINT,
)
_MENTION = hinted(
    rf"(?:\b(?:{MESSENGERS}|dm|folg\w*|follow|find\w*|handle|nick|mein\w* profil|my profile|add|message|"
    rf"ping)\b[^.!?\n]{{0,40}})(?<![\w/])@(?P<name>[\w.]{{3,}})",
    "@",
)
_DISCORD = hinted(r"\bdiscord\b[^\n]{0,40}?(?P<name>\b[\w.]{2,32}#\d{4})\b", "discord")
_SHORT_LINK = hinted(
    r"\b(?:t\.me|wa\.me|discord\.gg|m\.me|signal\.me|instagram\.com|facebook\.com|fb\.me|paypal\.me)/[\w+@./#-]+",
    ".me/|.gg/|.com/",
)
_THREEMA = hinted(r"\bthreema(?:[\s-]?id)?\W{1,3}(?P<name>[\da-z]{8})\b", "threema")
_NO_NAME = frozenset(
    [
        "the",
        "ein",
        "eine",
        "der",
        "die",
        "das",
        "is",
        "ist",
        "not",
        "nicht",
        "no",
        "kein",
        "and",
        "und",
        "or",
        "oder",
        "plugin",
        "integration",
        "export",
        "import",
        "bot",
        "api",
        "app",
        "support",
        "for",
        "für",
        "handler",
        "error",
        "fehler",
        "does",
        "kann",
        "can",
        "to",
        "zu",
        "with",
        "mit",
        "it",
        "es",
        "overlay",
        "server",
        "client",
        "group",
        "gruppe",
        "channel",
        "chat",
        "chats",
        "a",
        "an",
        "on",
        "in",
        "down",
        "offline",
        "required",
        "optional",
        "blocked",
        "running",
        "connected",
        "supported",
        "missing",
        "broken",
        "gone",
        "off",
        "possible",
        "möglich",
        "noch",
    ]
)


def handles(folded: Folded) -> Iterator[Finding]:
    """Yield the names of a text that lead to a person in a messenger or network."""

    def finding(match: re.Match[str], confidence: float, rule: str) -> Finding:
        return Finding(Kind.HANDLE, *folded.span(*match.span()), confidence, f"handle.{rule}")

    for match in _NAMED.finditer(folded):
        if match["name"] not in _NO_NAME:
            mine = match[0].lstrip().startswith(("mein", "my", "unser", "our")) or re.search(r"[\d_.@]", match["name"])
            yield finding(match, 0.85 if mine else 0.6, "named")
    for match in _UNDER.finditer(folded):
        if match["name"] not in _NO_NAME:
            yield finding(match, 0.8, "under")
    for match in _MENTION.finditer(folded):
        yield finding(match, 0.75, "mention")
    for match in _DISCORD.finditer(folded):
        yield finding(match, 0.85, "discord")
    for match in _THREEMA.finditer(folded):
        if re.search(r"\d", match["name"]):
            yield finding(match, 0.85, "threema")
    for match in _SHORT_LINK.finditer(folded):
        yield finding(match, 0.95, "link")
