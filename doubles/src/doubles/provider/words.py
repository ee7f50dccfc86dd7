"""What the hosted page says in German; everything else is in the English of the provider's own messages."""

from collections.abc import Mapping

LANGUAGES = ("en", "de")
GERMAN: Mapping[str, str] = {
    "Back": "Zurück",
    "Back to the shop": "Zurück zum Shop",
    "Card": "Karte",
    "Card number": "Kartennummer",
    "CVC": "Prüfziffer",
    "E-mail": "E-Mail",
    "Expiry": "Gültig bis",
    "MM / YY": "MM / JJ",
    "Name": "Name",
    "Order": "Bestellung",
    "Pay": "Bezahlen:",
    "Payment": "Zahlung",
    "SEPA Direct Debit": "SEPA-Lastschrift",
    "The money arrives some time after the order.": "Das Geld kommt einige Zeit nach der Bestellung an.",
    "Total": "Summe",
    "This page does not exist.": "Diese Seite gibt es nicht.",
    "You're all done here. This payment has been made.": "Hier ist alles erledigt. Diese Zahlung ist erfolgt.",
    "This checkout session has timed out.": "Diese Seite ist abgelaufen.",
    "This saved card is no longer there.": "Diese gespeicherte Karte gibt es nicht mehr.",
    "Please choose how to pay.": "Bitte wählen Sie, wie Sie zahlen.",
    "The IBAN you entered is invalid.": "Diese IBAN stimmt nicht.",
    "Your card number is invalid.": "Die Kartennummer stimmt nicht.",
    "Your card's expiration date is incomplete.": "Das Ablaufdatum der Karte ist unvollständig.",
    "Your card's expiration date is in the past.": "Die Karte ist abgelaufen.",
    "Your card's security code is incomplete.": "Die Prüfziffer der Karte ist unvollständig.",
    "Your card was declined.": "Die Karte wurde abgelehnt.",
    "Your card has insufficient funds.": "Die Karte ist nicht ausreichend gedeckt.",
    "Your card has expired.": "Die Karte ist abgelaufen.",
    "Your card's security code is incorrect.": "Die Prüfziffer der Karte stimmt nicht.",
}


def chosen(locale: str | None, accepted: str) -> str:
    """Return the language of a page: the session's `locale`; else, and for `auto`, the first of the browser's."""
    if locale in LANGUAGES:
        return locale
    for wanted in accepted.lower().split(","):
        language = wanted.strip().partition(";")[0].partition("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def put(text: str, language: str) -> str:
    """Return a text of the page in a language, in English where there is none in it."""
    return GERMAN.get(text, text) if language == "de" else text


def amount(figure: str, language: str) -> str:
    """Return an amount as it is written in a language: €1,234.50 is 1.234,50 € in German."""
    if language != "de":
        return figure
    sign = figure[0] if not figure[0].isdigit() and figure[0] != "-" else ""
    number = figure.removeprefix(sign).translate(str.maketrans(",.", ".,"))
    return f"{number} {sign}" if sign else number
