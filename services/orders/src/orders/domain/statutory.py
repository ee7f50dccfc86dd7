"""The statutory model of the withdrawal notice and form, in the official wording of both languages.

German: EGBGB, Anlage 1 and 2 to Art. 246a § 1(2), with the information on the loss of the right of § 1(3). English:
Directive 2011/83/EU, Annex I. A blank line ends a passage. `{seller}` is name, address, telephone and e-mail address of
the seller, `{form}` the same without the telephone, `{goods}` what the consumer must have received.
"""

_RIGHT_DE = """
Widerrufsrecht

Sie haben das Recht, binnen vierzehn Tagen ohne Angabe von Gründen diesen Vertrag zu widerrufen.
"""

_EXERCISE_DE = """
Um Ihr Widerrufsrecht auszuüben, müssen Sie uns ({seller}) mittels einer eindeutigen Erklärung (z. B. ein mit der
Post versandter Brief oder eine E-Mail) über Ihren Entschluss, diesen Vertrag zu widerrufen, informieren. Sie können
dafür das beigefügte Muster-Widerrufsformular verwenden, das jedoch nicht vorgeschrieben ist.

Zur Wahrung der Widerrufsfrist reicht es aus, dass Sie die Mitteilung über die Ausübung des Widerrufsrechts vor
Ablauf der Widerrufsfrist absenden.

Folgen des Widerrufs

Wenn Sie diesen Vertrag widerrufen, haben wir Ihnen alle Zahlungen, die wir von Ihnen erhalten haben, einschließlich
der Lieferkosten (mit Ausnahme der zusätzlichen Kosten, die sich daraus ergeben, dass Sie eine andere Art der
Lieferung als die von uns angebotene, günstigste Standardlieferung gewählt haben), unverzüglich und spätestens
binnen vierzehn Tagen ab dem Tag zurückzuzahlen, an dem die Mitteilung über Ihren Widerruf dieses Vertrags bei uns
eingegangen ist. Für diese Rückzahlung verwenden wir dasselbe Zahlungsmittel, das Sie bei der ursprünglichen
Transaktion eingesetzt haben, es sei denn, mit Ihnen wurde ausdrücklich etwas anderes vereinbart; in keinem Fall
werden Ihnen wegen dieser Rückzahlung Entgelte berechnet.
"""

_DOWNLOAD_DE = f"""
Widerrufsbelehrung für Downloads
{_RIGHT_DE}
Die Widerrufsfrist beträgt vierzehn Tage ab dem Tag des Vertragsabschlusses.
{_EXERCISE_DE}
Erlöschen des Widerrufsrechts

Ihr Widerrufsrecht erlischt bei einem Vertrag über die Bereitstellung von nicht auf einem körperlichen Datenträger
befindlichen digitalen Inhalten, wenn wir mit der Vertragserfüllung begonnen haben, nachdem Sie ausdrücklich
zugestimmt haben, dass wir mit der Vertragserfüllung vor Ablauf der Widerrufsfrist beginnen, Sie Ihre Kenntnis davon
bestätigt haben, dass Sie durch Ihre Zustimmung mit Beginn der Vertragserfüllung Ihr Widerrufsrecht verlieren, und
wir Ihnen eine Bestätigung des Vertrags, in der auch diese Zustimmung und diese Kenntnis festgehalten sind, auf
einem dauerhaften Datenträger zur Verfügung gestellt haben.
"""

_BOXED_DE = f"""
Widerrufsbelehrung für Waren
{_RIGHT_DE}
Die Widerrufsfrist beträgt vierzehn Tage ab dem Tag, an dem Sie oder ein von Ihnen benannter Dritter, der nicht der
Beförderer ist, {{goods}} in Besitz genommen haben bzw. hat.
{_EXERCISE_DE}
Wir können die Rückzahlung verweigern, bis wir die Waren wieder zurückerhalten haben oder bis Sie den Nachweis
erbracht haben, dass Sie die Waren zurückgesandt haben, je nachdem, welches der frühere Zeitpunkt ist.

Sie haben die Waren unverzüglich und in jedem Fall spätestens binnen vierzehn Tagen ab dem Tag, an dem Sie uns über
den Widerruf dieses Vertrags unterrichten, an uns zurückzusenden oder zu übergeben. Die Frist ist gewahrt, wenn Sie
die Waren vor Ablauf der Frist von vierzehn Tagen absenden.

Sie tragen die unmittelbaren Kosten der Rücksendung der Waren.

Sie müssen für einen etwaigen Wertverlust der Waren nur aufkommen, wenn dieser Wertverlust auf einen zur Prüfung der
Beschaffenheit, Eigenschaften und Funktionsweise der Waren nicht notwendigen Umgang mit ihnen zurückzuführen ist.

Das Widerrufsrecht erlischt vorzeitig bei Verträgen zur Lieferung von Computersoftware in einer versiegelten
Packung, wenn die Versiegelung nach der Lieferung entfernt wurde.
"""

_FORM_DE = """
Muster-Widerrufsformular

(Wenn Sie den Vertrag widerrufen wollen, dann füllen Sie bitte dieses Formular aus und senden Sie es zurück.)

– An {form}:

– Hiermit widerrufe(n) ich/wir (*) den von mir/uns (*) abgeschlossenen Vertrag über den Kauf der folgenden Waren
(*)/die Erbringung der folgenden Dienstleistung (*)

– Bestellt am (*)/erhalten am (*)

– Name des/der Verbraucher(s)

– Anschrift des/der Verbraucher(s)

– Unterschrift des/der Verbraucher(s) (nur bei Mitteilung auf Papier)

– Datum

(*) Unzutreffendes streichen.
"""

_RIGHT_EN = """
Right of withdrawal

You have the right to withdraw from this contract within 14 days without giving any reason.
"""

_EXERCISE_EN = """
To exercise the right of withdrawal, you must inform us ({seller}) of your decision to withdraw from this contract
by an unequivocal statement (e.g. a letter sent by post or e-mail). You may use the attached model withdrawal form,
but it is not obligatory.

To meet the withdrawal deadline, it is sufficient for you to send your communication concerning your exercise of the
right of withdrawal before the withdrawal period has expired.

Effects of withdrawal

If you withdraw from this contract, we shall reimburse to you all payments received from you, including the costs of
delivery (with the exception of the supplementary costs resulting from your choice of a type of delivery other than
the least expensive type of standard delivery offered by us), without undue delay and in any event not later than 14
days from the day on which we are informed about your decision to withdraw from this contract. We will carry out
such reimbursement using the same means of payment as you used for the initial transaction, unless you have
expressly agreed otherwise; in any event, you will not incur any fees as a result of such reimbursement.
"""

_DOWNLOAD_EN = f"""
Instructions on withdrawal for downloads
{_RIGHT_EN}
The withdrawal period will expire after 14 days from the day of the conclusion of the contract.
{_EXERCISE_EN}
Loss of the right of withdrawal

For a contract for the supply of digital content which is not supplied on a tangible medium you lose your right of
withdrawal when we have begun the performance after you gave your prior express consent to begin it during the
withdrawal period, you acknowledged that you thereby lose your right of withdrawal, and we provided you with the
confirmation of the contract, this consent and acknowledgement included, on a durable medium.
"""

_BOXED_EN = f"""
Instructions on withdrawal for goods
{_RIGHT_EN}
The withdrawal period will expire after 14 days from the day on which you acquire, or a third party other than the
carrier and indicated by you acquires, physical possession of {{goods}}.
{_EXERCISE_EN}
We may withhold reimbursement until we have received the goods back or you have supplied evidence of having sent
back the goods, whichever is the earliest.

You shall send back the goods or hand them over to us, without undue delay and in any event not later than 14 days
from the day on which you communicate your withdrawal from this contract to us. The deadline is met if you send back
the goods before the period of 14 days has expired.

You will have to bear the direct cost of returning the goods.

You are only liable for any diminished value of the goods resulting from the handling other than what is necessary
to establish the nature, characteristics and functioning of the goods.

The right of withdrawal is lost for sealed computer software which was unsealed after delivery.
"""

_FORM_EN = """
Model withdrawal form

(complete and return this form only if you wish to withdraw from the contract)

– To {form}:

– I/We (*) hereby give notice that I/We (*) withdraw from my/our (*) contract of sale of the following goods (*)/for
the provision of the following service (*),

– Ordered on (*)/received on (*),

– Name of consumer(s),

– Address of consumer(s),

– Signature of consumer(s) (only if this form is notified on paper),

– Date

(*) Delete as appropriate.
"""


def passages(text: str) -> tuple[str, ...]:
    """Return the passages of a text, each on one line: what a blank line parts."""
    found = (" ".join(passage.split()) for passage in text.replace("\r\n", "\n").split("\n\n"))
    return tuple(passage for passage in found if passage)


VERSION = "2026-06"
MODELS = {
    ("de", "download"): passages(_DOWNLOAD_DE),
    ("de", "boxed"): passages(_BOXED_DE),
    ("en", "download"): passages(_DOWNLOAD_EN),
    ("en", "boxed"): passages(_BOXED_EN),
}
FORMS = {"de": passages(_FORM_DE), "en": passages(_FORM_EN)}
GOODS = {
    "de": ("die Waren", "die letzte Ware"),
    "en": ("the goods", "the last good"),
}
# The words with which each language names the period: a notice has one.
PERIOD = {"de": "Widerrufsfrist beträgt", "en": "withdrawal period will expire"}
TELEPHONE = {"de": "Telefon", "en": "telephone"}
EMAIL = {"de": "E-Mail", "en": "e-mail"}

# What the model lets a seller choose: who bears the cost of returning goods.
INSTEAD = {
    "Sie tragen die unmittelbaren Kosten der Rücksendung der Waren.": (
        "Wir tragen die Kosten der Rücksendung der Waren."
    ),
    "You will have to bear the direct cost of returning the goods.": "We will bear the cost of returning the goods.",
}
# What not every seller needs: headings, and what holds for sealed packages alone.
OPTIONAL = frozenset(
    {
        *("Widerrufsbelehrung für Downloads", "Widerrufsbelehrung für Waren", "Erlöschen des Widerrufsrechts"),
        *("Instructions on withdrawal for downloads", "Instructions on withdrawal for goods"),
        "Loss of the right of withdrawal",
        *(MODELS["de", "boxed"][-1], MODELS["en", "boxed"][-1]),
    }
)
