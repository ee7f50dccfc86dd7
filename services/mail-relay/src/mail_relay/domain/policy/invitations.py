"""Sentences that ask to go on, or to pay, without the platform."""

import re
from collections.abc import Iterator

from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.handles import MESSENGER_HINT, MESSENGERS
from mail_relay.domain.policy.hinted import hinted


def _near(*parts: str | int) -> str:
    """Return the pattern of words that follow each other in a sentence, with so many signs between at most."""
    return "".join(rf"[^.!?\n]{{0,{part}}}" if isinstance(part, int) else rf"\b(?:{part})\b" for part in parts)


_PLACE_DE = (
    r"platt?form|shop\w*|markt\w*|portal\w*|vermittl\w*|seite|website|system\w*|relais|relay|händler\w*|dritte\w*"
)
_PLACE_EN = r"platform|market\s?place|site|website|portal|shop|store|middle\s?man|system|relay|kontor"
# of a product: "without the platform SDK"
_PART = (
    r"(?!-|\s(?:sdk|licen[cs]e|lizenz|api|version|edition|mod[ua]le?|plug-?in|tool\w*|code|file|manager|server|update|"
    r"key|package|settings?)\b)"
)
_WITHOUT_DE = r"\b(?:ohne|au(?:ß|ss)erhalb)\s(?:(?:d|dies)(?:en|es|ie|er|e)\s|eure[nr]?\s|umweg\s|über\s|vo[nm]\s){0,5}"
_WITHOUT_EN = (
    r"\b(?:without|outside|bypass\w*|around|skip\w*|avoid\w*|leav\w*(?= the| this)|circumvent\w*|off)\s"
    r"(?:going through |using |of )?(?:the |this |your |that )?"
)
_ME = "mir|mich|uns|me|us"
_WRITE_DE = r"schreib\w*|mail\w*|kontaktier\w*|wend\w*|antwort\w*"
_WRITE_EN = r"(?:write|mail|e-?mail|contact|message|reach|call|text|reply|get in touch)(?:\s(?:to|with))?"
_TALK_DE = (
    _WRITE_DE
    + r"|meld\w*|erreich\w*|add\w*|find\w*|ruf\w*|komm\w*|treff\w*|klär\w*|red\w*|besprech\w*|chatt\w*|schick\w*"
    r"|send\w*"
)
_TALK_EN = (
    "write|contact|text|message|reach|call|find|ping|hit|dm|talk|chat|continue|move|switch|reply|meet"
    "|(?:add|get|send) (?:me|us)(?= on)"
)
_ON = rf"(?:per|auf|über|via|bei|in|on|over|by|through|to)\s(?:{MESSENGERS})"
_FEES_DE = r"provision|(?:vermittlungs|verkaufs)?gebühr\w*"
_SAVE_DE = r"spar\w*|umgeh\w*|vermeid\w*"
_REACHED_DE = r"e-?mail\w*|mailadresse|(?:handy|telefon)?nummer|kontaktdaten|iban"
_REACHED_EN = r"e-?mail(?: address)?|number|phone|telephone|contact details|whatsapp|iban"
_PAY_DE = r"(?:be)?zahl\w*|überweis\w*|schick\w*|send\w*"
_SETTLE_DE = "abwickeln|abmachen|ausmachen|regeln|klären|handeln|verkaufen|kaufen"
_PURSES = r"paypal|revolut|wise|western union|krypto|crypto|bitcoins?|btc|eth|cash ?app|venmo|zelle"
_PURSES_HINT = "paypal|revolut|wise|western union|krypto|crypto|bitcoin|btc|eth|cash|venmo|zelle"
_MINE_DE = r"auf (?:mein|unser)\w* (?:konto|privatkonto|bankkonto)"

# the rule's name: how sure it is, and its patterns, each with strings of which all that it finds has one
_RULES: dict[str, tuple[float, tuple[tuple[str, str], ...]]] = {
    "directly": (
        0.7,
        (
            (_near(rf"{_WRITE_DE}|ruf\w*", 25, _ME, 25, "direkt|privat|persönlich"), "direkt|privat|persönlich"),
            (_near(_WRITE_DE, 40, "direkt|privat", 12, rf"(?:an|bei)\s(?:{_ME})"), "direkt|privat"),
            (_near(r"meld\w*", 25, "direkt|privat", 12, r"bei\s(?:mir|uns)"), "meld"),
            (
                _near(rf"{_WRITE_EN}\s(?:me|us)", 25, "directly|direct|privately|in private|personally"),
                "direct|privat|personally",
            ),
        ),
    ),
    "past": (
        0.75,
        (
            (_WITHOUT_DE + rf"(?:{_PLACE_DE})\b{_PART}", "ohne|außerhalb|ausserhalb"),
            (rf"\b(?:an|am)\s(?:(?:der|dem)\s)?(?:{_PLACE_DE})\svorbei", "vorbei"),
            (r"\bunter der hand\b", "unter der hand"),
            (
                _WITHOUT_EN + rf"(?:{_PLACE_EN})\b{_PART}",
                "platform|market|site|portal|shop|store|middle|system|relay|kontor",
            ),
            (r"\boff[\s-]platform\b|\bcut out the (?:platform|middle)", "platform|cut out the"),
        ),
    ),
    "fees": (
        0.75,
        (
            (_near(_FEES_DE, 25, _SAVE_DE), "provision|gebühr"),
            (_near(_SAVE_DE, 25, _FEES_DE), "provision|gebühr"),
            (
                _near("avoid(?:ing)?|sav(?:e|es|ing)|skip|dodge", 20, "fees?|commissions?|their cut"),
                "fee|commission|their cut",
            ),
        ),
    ),
    "asks": (
        0.75,
        (
            (
                _near(
                    r"gib|gebt|geben sie|schick\w*|send\w*|nenn\w*|verrat\w*|brauch\w*|hätte gern\w*",
                    30,
                    "deine?|ihre?|eure",
                    20,
                    _REACHED_DE,
                ),
                "mail|nummer|kontaktdaten|iban",
            ),
            (
                _near(
                    "give|send|tell|what is|what's|need|share|drop",
                    15,
                    rf"your (?:(?:private|personal|direct|real|mobile|own|phone) ){{0,3}}(?:{_REACHED_EN})",
                ),
                "your ",
            ),
        ),
    ),
    "calls": (
        0.6,
        (
            (_near(r"ruf\w*\s(?:sie\s|du\s|doch\s)?(?:mich|uns)", 25, "an"), "ruf"),
            (_near("(?:call|text|ring|phone) (?:me|us)", 20, "on|at|under"), "call |text |ring |phone "),
            (r"\b(?:call|text|ring|phone) (?:me|us)(?:\s+back\b|\s*(?:[.!?\n]|$))", "call |text |ring |phone "),
        ),
    ),
    "messenger": (
        0.75,
        (
            (_near(_TALK_DE, 50, "mir|mich|uns|dir|dich|ihnen|wir|ich", 50, _ON), MESSENGER_HINT),
            (
                _near("mir|mich|uns|wir|dir", 40, _ON) + r"(?!\s?-?(?:gruppe|kanal|plugin|bot|export|anmeld|einlogg))",
                MESSENGER_HINT,
            ),
            (_near(_TALK_EN, 45, _ON) + r"(?!\s?-?(?:group|channel|plug-?in|bot|export))", MESSENGER_HINT),
            (
                _near(
                    "hast du|haben sie|habt ihr|do you have|are you on|bist du bei|bist du auf|sind sie bei",
                    1,
                    MESSENGERS,
                ),
                MESSENGER_HINT,
            ),
            (rf"^\W*(?:{MESSENGERS})\s?[?!.]*\W*$", MESSENGER_HINT),
        ),
    ),
    "payment": (
        0.85,
        (
            (_near("paypal|pay pal", 30, r"freund\w*|friends?|family|familie|f&f|fnf"), "paypal|pay pal"),
            (r"\b(?:friends (?:and|&|n) family|freunde (?:und|&) familie|f&f)\b", "friends|freunde|f&f"),
            (
                _near("pay|send|transfer|wire", 20, "me|us", 40, rf"{_PURSES}|directly|cash|bank"),
                _PURSES_HINT + "|directly|cash|bank",
            ),
            (
                _near(_PAY_DE, 40, "mir|mich|uns", 40, rf"{_PURSES}|direkt|bar|konto|privatkonto"),
                _PURSES_HINT + "|direkt|bar|konto",
            ),
            (_near(_PAY_DE, 40, _MINE_DE), "konto"),
            (_near("direkt|privat|geld|betrag|summe", 25, _MINE_DE), "konto"),
            (r"\bwestern union\b", "western union"),
            (
                _near(
                    r"(?:in|with|per|mit|using)\s(?:bitcoins?|btc|krypto|crypto)",
                    40,
                    "direkt|directly|me|mich|mir|rabatt|discount|cheaper|billiger",
                ),
                "bitcoin|btc|krypto|crypto",
            ),
        ),
    ),
    "deal": (
        0.7,
        (
            (
                rf"\b(?:privat|direkt|unter uns)\s(?:{_SETTLE_DE})\b",
                "privat|direkt|unter uns",
            ),
            (
                _near(
                    "deal|settle|handle|do|arrange|sort|sell|buy|trade",
                    30,
                    "privately|between (?:us|ourselves|you and me)|with me directly|directly (?:with|from) (?:me|us)",
                ),
                "privately|between|directly",
            ),
            (_near("zwischen uns|unter uns", 20, "ausmachen|regeln|abmachen|klären"), "zwischen uns|unter uns"),
        ),
    ),
}
PATTERNS = [
    (rule, confidence, hinted(pattern, hint))
    for rule, (confidence, patterns) in _RULES.items()
    for pattern, hint in patterns
]
# a buyer wants the money back; who saves fees alone asks about a price
_BACK = re.compile(r"\b(?:zurück|erstatt|rücküberw|rückzahl|gutschr|refund|money back|pay\w* (?:me|us) back)")
_TOGETHER = re.compile(r"\b(?:wir|uns|beide\w*|we|us|both|you|du|their)\b")
# a way that stays here: "write to me directly here"
_HERE = re.compile(
    r"^[^.!?\n]{0,25}\b(?:hier|here|in diese[mr]|in this|über (?:den shop|die platt)|through the (?:shop|plat))"
)


def invitations(folded: Folded) -> Iterator[Finding]:
    """Yield the sentences that lead away, also when they name no address."""
    for rule, confidence, pattern in PATTERNS:
        for match in pattern.finditer(folded):
            if rule in ("directly", "calls") and _HERE.match(folded.text[match.end() : match.end() + 60]):
                continue
            around = folded.text[max(0, match.start() - 60) : match.end() + 60]
            if (rule == "payment" and _BACK.search(around)) or (rule == "fees" and not _TOGETHER.search(around)):
                continue
            yield Finding(Kind.INVITATION, *folded.span(*match.span()), confidence, f"invitation.{rule}")
