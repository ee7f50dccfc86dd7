"""The words and the look of the hosted page."""

from html import escape

from .shapes import Json, money

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; background: Canvas; color: CanvasText }
main { max-width: 58rem; margin: 0 auto; padding: 2rem 1rem; display: grid; gap: 2rem }
@media (min-width: 48rem) { main { grid-template-columns: 1fr 1fr; gap: 4rem } }
h1 { font-size: 2.25rem; margin: 0 0 1rem }
table { width: 100%; border-collapse: collapse }
td, th { padding: .4rem 0; text-align: left; font-weight: normal }
td:last-child { text-align: right; font-variant-numeric: tabular-nums }
tfoot td, tfoot th { border-top: 1px solid GrayText; font-weight: 600 }
label { display: block; margin: .75rem 0 .25rem }
input:not([type=radio]) { width: 100%; box-sizing: border-box; padding: .6rem; font: inherit;
  border: 1px solid GrayText; border-radius: .4rem; background: Field; color: FieldText }
fieldset { border: 1px solid GrayText; border-radius: .5rem; margin: 0 0 1rem; padding: .75rem 1rem }
legend label { display: inline; margin: 0; font-weight: 600 }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
button { width: 100%; padding: .8rem; font: inherit; font-weight: 600; border: 0; border-radius: .4rem;
  background: #0a5bd3; color: #fff; cursor: pointer }
[role=alert] { border: 2px solid #b3261e; border-radius: .4rem; padding: .6rem .8rem; margin-bottom: 1rem }
:focus-visible { outline: 3px solid #7aa7ff; outline-offset: 2px }
"""


def _whole(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def notice(sentence: str, back: str | None) -> str:
    """Renders a page that says one thing."""
    link = f'<p><a href="{escape(back)}">Back to the shop</a></p>' if back else ""
    return _whole("Payment", f"<div><h1>Payment</h1><p>{escape(sentence)}</p>{link}</div>")


def form(session: Json, lines: list[Json], saved: list[Json], problem: str | None) -> str:
    """Renders the page that takes a payment; nothing that was typed is shown again."""
    currency = session["currency"]
    total = escape(money(session["amount_total"], currency))
    rows = "".join(
        f"<tr><th scope=row>{escape(line['description'])} × {line['quantity']}</th>"
        f"<td>{escape(money(line['amount_total'], currency))}</td></tr>"
        for line in lines
    )
    back = f'<p><a href="{escape(session["cancel_url"])}">← Back</a></p>' if session["cancel_url"] else ""
    order = (
        f"<section aria-label=Order>{back}<h1>{total}</h1><table><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope=row>Total</th><td>{total}</td></tr></tfoot></table></section>"
    )
    alert = f'<p role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    kinds = [kind for kind in session["payment_method_types"] if kind in FIELDS]
    choices = [_saved(token) for token in saved if token["type"] == "card"]
    choices += [FIELDS[kind].format(checked="checked" if place == 0 else "") for place, kind in enumerate(kinds)]
    email = "" if session["customer_email"] else EMAIL
    return _whole(
        f"Pay {money(session['amount_total'], currency)}",
        f'{order}<section aria-label="Payment">{alert}<form method="post" autocomplete="off">{email}'
        f'{"".join(choices)}{NAME}<button type="submit">Pay {total}</button></form></section>',
    )


def _saved(token: Json) -> str:
    card = token["card"]
    return (
        f'<fieldset><legend><label><input type="radio" name="method" value="{escape(token["id"])}"> '
        f"{escape(card['brand'].title())} •••• {escape(card['last4'])}</label></legend></fieldset>"
    )


EMAIL = '<label for="email">E-mail</label><input id="email" name="email" type="email">'
NAME = '<label for="name">Name</label><input id="name" name="name"><p></p>'
FIELDS = {
    "card": """<fieldset><legend><label><input type="radio" name="method" value="card" {checked}> Card</label></legend>
<label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" placeholder="1234 1234 1234 1234">
<div class="pair"><div><label for="expiry">Expiry</label><input id="expiry" name="expiry" placeholder="MM / YY"></div>
<div><label for="cvc">CVC</label><input id="cvc" name="cvc" inputmode="numeric" placeholder="CVC"></div></div>
</fieldset>""",
    "sepa_debit": """<fieldset><legend><label><input type="radio" name="method" value="sepa_debit" {checked}> \
SEPA Direct Debit</label></legend>
<label for="iban">IBAN</label><input id="iban" name="iban" placeholder="DE00 0000 0000 0000 0000 00">
<p>The money arrives some time after the order.</p></fieldset>""",
}
