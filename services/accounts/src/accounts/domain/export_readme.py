"""What stands in the README of an export, in the customer's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

WIDTH: Final = 14
HEAD: Final = {
    "de": """Ihre Daten
==========

Dies sind alle Daten, die {shop} über Sie gespeichert hat (Art. 15 und 20 DSGVO).
Angefordert am {requested} (UTC). Die Datei ist bis {expires} (UTC) abrufbar und wird dann gelöscht.

Jede Datei ist JSON in UTF-8. Zeiten sind UTC, Beträge stehen in der kleinsten Einheit der Währung (Cent).
Ein leeres Feld (null) ist nicht bekannt, schon gelöscht oder für niemanden lesbar; was fehlt, sagen die
Hinweise ("notes") am Anfang jeder Datei.

""",
    "en": """Your data
=========

This is all that {shop} has stored about you (Art. 15 and 20 GDPR).
Asked for on {requested} (UTC). The file can be fetched until {expires} (UTC) and is then deleted.

Each file is JSON in UTF-8. Times are UTC, amounts are in the smallest unit of the currency (cents).
An empty field (null) is not known, already erased, or cannot be read by anybody; what is missing is named
by the notes ("notes") at the top of each file.

""",
}
FILES: Final = {
    "de": {
        "accounts": "Ihr Konto: Name, Adresse, Ihre Wahl, Anmeldungen, Passkeys",
        "delivery": "Ihre Downloads: Links, Versuche, was angekommen ist",
        "letters": "Briefe, die wir Ihnen geschrieben haben",
        "licensing": "Ihre Lizenzen: wofür, wann ausgegeben, die letzten Zeichen des Schlüssels",
        "mail-relay": "Was Sie und Verkäufer einander geschrieben haben, und Ihre Fälle",
        "orders": "Ihre Bestellungen: Artikel, Preise, Zustimmungen, Erstattungen, Lieferadresse",
        "payments": "Ihre Zahlungen, Überweisungen und Rückzahlungen",
        "rewards": "Ihre Punkte, Treffen und Prämien",
    },
    "en": {
        "accounts": "your account: name, address, your choice, sessions, passkeys",
        "delivery": "your downloads: links, attempts, what has arrived",
        "letters": "letters that we have written to you",
        "licensing": "your licences: for what, when issued, the last characters of the key",
        "mail-relay": "what you and sellers wrote to each other, and your cases",
        "orders": "your orders: articles, prices, consents, refunds, shipping address",
        "payments": "your payments, transfers and repayments",
        "rewards": "your points, meetings and rewards",
    },
}
LEFT_OUT: Final = {
    "de": """
Nicht enthalten sind Passwörter, Schlüssel und andere Geheimnisse (auch Lizenzschlüssel: Sie finden sie in Ihrem
Konto) und Daten anderer Personen.
""",
    "en": """
Not included are passwords, keys and other secrets (licence keys, too: you find them in your account), and data of
other people.
""",
}
MISSING: Final = {
    "de": """
Unvollständig: {missing} haben noch nicht geantwortet. Laden Sie die Datei später noch einmal herunter; was bis
dahin ankommt, ist dann enthalten.
""",
    "en": """
Incomplete: {missing} have not answered yet. Download the file again later; what arrives until then is in it.
""",
}


def readme(
    language: str,
    shop: str,
    requested_at: datetime,
    expires_at: datetime,
    included: Sequence[str],
    missing: Sequence[str],
) -> str:
    """Return the text that explains each file of an export, and names whose share is missing."""
    language = language if language in HEAD else "en"
    head = HEAD[language].format(shop=shop, requested=_minute(requested_at), expires=_minute(expires_at))
    names = FILES[language]
    lines = [f"{service + '.json':<{WIDTH + 5}} {names.get(service, '')}".rstrip() for service in included]
    late = MISSING[language].format(missing=", ".join(missing)) if missing else ""
    return head + "\n".join(lines) + "\n" + LEFT_OUT[language] + late


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
