"""Which lines of a text are its author's own, and which are quoted from others or are a signature."""

import re

from mail_relay.domain.rewriting.shadow import undisguised

_QUOTED = re.compile(r"\s*(?:>|\|\s*>)")
# "Am 3. Mai 2026 um 10:03 schrieb Max <...>:", "On Tue, May 3, 2026 at 10:03 AM Max wrote:", "Max schrieb am 03.05.26:"
_WROTE = re.compile(
    r"(?<!\w)(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|escribió|ha scritto|scritto|schreef|skrev|escreveu|"
    r"napisał(?:a|\(a\))?|napsal(?:\(a\))?|kirjoitti|пишет|написал|yazdı|írta|a scris)(?!\w)|写道|のメール|작성",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{1,4}[.:/-]\d{1,2}|\d{4}")
_BREAK = re.compile(
    r"\W{0,12}(?:original message|original appointment|forwarded message|begin forwarded message|reply message|"
    r"ursprüngliche nachricht|originalnachricht|original-?nachricht|weitergeleitete nachricht|ursprünglicher termin|"
    r"anfang der weitergeleiteten (?:nachricht|e-mail)|message d'origine|message transféré|"
    r"début du message (?:transféré|réexpédié)|"
    r"mensaje original|mensaje reenviado|mensagem original|messaggio originale|messaggio inoltrato|"
    r"oorspronkelijk bericht|doorgestuurd bericht|ursprungligt meddelande|oprindelig meddelelse|alkuperäinen viesti|"
    r"wiadomość oryginalna|oryginalna wiadomość|původní zpráva|eredeti üzenet|исходное сообщение|orijinal mesaj|"
    r"forwarded by|weitergeleitet von)\b.{0,80}",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\W{0,4}(?:from|von|de|da|van|från|fra|od|от|lähettäjä|kimden|expéditeur|发件人|差出人)\*?\s?[:：]", re.IGNORECASE
)
_FIELD = re.compile(
    r"\W{0,4}(?:sent|gesendet|date|datum|envoyé(?: le)?|enviado(?: el)?|enviada em|inviato|data|verzonden|skickat|"
    r"sendt|to|an|à|para|a|aan|till|til|do|cc|kopie|subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|"
    r"wysłano|reply-to|antwort an|тема|кому|发送时间|主题)\*?\s?[:：]",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"\W{0,3}(?:mit (?:freundlichen|besten|lieben|herzlichen|sonnigen|vielen) grü(?:ß|ss)en|mfg|lg|vg|"
    r"(?:viele|liebe|beste|freundliche|herzliche|schöne|sonnige) grü(?:ß|ss)e|gru(?:ß|ss)|danke und gru(?:ß|ss)|"
    r"hochachtungsvoll|"
    r"(?:best|kind|warm|kindest|many)? ?regards|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|cheers|"
    r"best wishes|all the best|thanks(?: and regards)?|thank you|cordialement|bien à vous|saludos(?: cordiales)?|"
    r"(?:cordiali|distinti) saluti|met vriendelijke groet(?:en)?|pozdrawiam|med vänlig hälsning)\b(?P<rest>.{0,40})$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"(?:von meinem .{1,40} gesendet|gesendet (?:von|mit|über) .{1,60}|sent from .{1,60}|get outlook for .{1,20}|"
    r"diese nachricht wurde von meinem .{1,60}|envoyé de(?:puis)? .{1,40}|inviato da .{1,40}|enviado desde .{1,40})$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"\W{0,2}(?:ps|p\.s\.|p\. s\.|nachtrag)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_CONTACT = re.compile(r"\S*@\S+|https?://\S+|www\.\S+")
_SENTENCE_WORDS = 6


def _sentence(line: str) -> bool:
    words = len(_WORD.findall(_CONTACT.sub(" ", undisguised(line))))
    return words >= _SENTENCE_WORDS or (words >= 3 and line.rstrip().endswith(("!", "?")))


def others(lines: list[str], *, signatures: bool = True) -> list[bool]:
    """Return for each line whether it is not the author's own sentence, but quoted or, unless false, of a signature.

    Everything after a break of Outlook's kind ("Original Message", a block of From, Sent, To) is quoted. After words of
    farewell the lines that are no sentences are the signature.
    """
    result = [False] * len(lines)
    quoted = [_QUOTED.match(line) is not None for line in lines]
    introducing = [line.rstrip().endswith((":", "：")) for line in lines]
    signature = False
    for at, line in enumerate(lines):
        if quoted[at]:
            result[at] = True
            continue
        if _ends(lines, at):
            result[at:] = [True] * (len(lines) - at)
            break
        if any(introducing[at : at + 3]) and (attribution := _attribution(lines, quoted, at)):
            result[at : at + attribution] = [True] * attribution
            if not any(quoted[at:]):
                result[at:] = [True] * (len(lines) - at)
                break
        elif not signatures:
            continue
        elif line in ("-- ", "--\xa0") or (line == "--" and len(lines) - at <= 15):
            result[at:] = [True] * (len(lines) - at)
            break
        elif not result[at]:
            stripped = line.strip()
            if _SENT_FROM.match(stripped):
                signature = result[at] = True
            elif (farewell := _FAREWELL.match(stripped)) and not _sentence(farewell["rest"]):
                signature = True
            elif _POSTSCRIPT.match(stripped):
                signature = False
            else:
                result[at] = signature and not _sentence(stripped)
    return result


def _ends(lines: list[str], at: int) -> bool:
    """Whether a quote begins here that goes on to the end of the text."""
    line = lines[at]
    if len(line) < 200 and _BREAK.fullmatch(line.strip()):
        return True
    if not _FROM.match(line):
        return False
    return sum(_FIELD.match(follower) is not None for follower in lines[at + 1 : at + 9]) >= 2


def _attribution(lines: list[str], quoted: list[bool], at: int) -> int:
    """Return how many lines from here say who wrote the quote that follows: 0 for none."""
    for length in (1, 2, 3):
        some = lines[at : at + length]
        if len(some) < length or any(quoted[at : at + length]) or not some[0].strip():
            return 0
        text = " ".join(some)
        if len(text) < 700 and text.rstrip().endswith((":", "：")) and _WROTE.search(text):
            after = at + length
            while after < len(lines) and not lines[after].strip():
                after += 1
            if (after < len(lines) and quoted[after]) or _MOMENT.search(text):
                return length
    return 0
