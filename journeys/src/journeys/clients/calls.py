"""One call of every operation of every service, in an order in which nearly all of them succeed."""

import base64
import hashlib
import hmac
import io
import secrets
import time
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from journeys.clients.call import NOBODY, Call, Known
from journeys.clients.cart_calls import CARTS
from journeys.clients.catalog_calls import CATALOG
from journeys.clients.delivery_calls import DELIVERY
from journeys.clients.everywhere_calls import EVERYWHERE
from journeys.clients.licensing_calls import LICENSING
from journeys.clients.organisation_calls import ORGANISATIONS
from journeys.clients.relay_calls import RELAY
from journeys.clients.staff_calls import STAFF
from journeys.clients.withdrawal_calls import WITHDRAWALS
from journeys.mailbox import CODE
from journeys.statement import Credit, camt053

PASSWORD, CHANGED = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
IBAN = "DE89370400440532013000"


def app_code(known: Known) -> str:
    """Return the code that an authenticator app shows now (RFC 6238)."""
    mac = hmac.new(base64.b32decode(known["app"]), (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(int.from_bytes(mac[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def mailed_code(known: Known) -> str:
    """Return the code that the newcomer has been mailed, once the letter has arrived."""
    address = f"{known['mails']}?to={known['email_of_newcomer']}"
    for _ in range(100):
        with urlopen(address, timeout=10) as answer:  # noqa: S310 -- the stack's own mail catcher
            if found := CODE.search(answer.read().decode()):
                return found[0]
        time.sleep(0.2)
    raise LookupError("no letter with a code")


def archive(known: Known) -> bytes:
    """Return a ZIP archive with a bank statement."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("statement.xml", statement(known))
    return packed.getvalue()


def statement(known: Known) -> bytes:
    """Return a bank statement with a credit for nobody."""
    return camt053(IBAN, [Credit(100_000, f"for {known['tenant']} {uuid4().hex[:6]}")])


PROGRAMME = b"""rules:
  - {rule: held-meeting, kind: frequency, valid_from: 2099-01-01T00:00:00Z, points: 150, minimum_minutes: 15,
     minimum_participants: 2}
"""


def meeting(known: Known) -> dict[str, Any]:
    """Return a meeting of the customer's that is just over."""
    now = datetime.now(UTC)
    begun, over = (now - timedelta(minutes=minutes) for minutes in (31, 1))
    return {
        "meeting": str(uuid4()),
        "source": "conferencing/test",
        "host": known["customer"],
        "status": "held",
        "started_at": begun.isoformat(),
        "ended_at": over.isoformat(),
        "participants": 3,
    }


SECRET = {"password": PASSWORD}
DEVICE = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
MADE = {**DEVICE, "response": {"clientDataJSON": "AAAA", "attestationObject": "AAAA"}}
SIGNED = {**DEVICE, "response": {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}
NEW = "newcomer"

ACCOUNTS = [
    Call("jwks", "anonymous"),
    Call("metadata", "anonymous", (200, 404)),  # at the names of shops alone
    Call(
        "sign_in_register",
        "anonymous",
        201,
        {
            "tenant": "$tenant",
            "email": "$email_of_newcomer",
            **SECRET,
            "name": "Nina Neu",
            "market": "DE",
            "language": "de",
            "keep_data": True,
        },
        keeps={NEW: "customer"},
    ),
    Call("view_customer", "anonymous", given={"customer": f"${NEW}"}),
    Call(
        "sign_in",
        "anonymous",
        body={"tenant": "$tenant", "email": "$email_of_newcomer", **SECRET},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("refresh", "anonymous", body={"refresh_token": "$refresh"}, keeps={"refresh": "refresh_token"}),
    Call("correct_registered", NEW, 204, {**SECRET, "email": "$email_of_newcomer"}),
    Call("mail_registered_code", NEW, 202),
    Call(
        "confirm_registered",
        NEW,
        body={"code": mailed_code},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("me", NEW),
    Call("sign_in_hint", NEW),
    Call("choose", NEW, body={**SECRET, "keep_data": True}),
    Call("request_export", NEW, 201, SECRET, keeps={"export": "export"}),
    Call("list_exports", NEW),
    Call("view_export", NEW),
    Call("fetch_export", NEW, 404, given={"export": NOBODY}),  # for the services may take a moment
    Call("change_email", NEW, 202, {**SECRET, "email": "$other_email"}),
    Call("confirm_email", NEW, 404, {"code": "000000"}),  # the code stands in a letter
    Call("view_email", NEW),
    Call("give_up_email", NEW, 204),
    Call("object_to_email", "anonymous", 404, {"tenant": "$tenant", "code": "000000"}),
    Call("authenticate", NEW, 204, SECRET),
    Call("list_passkeys", NEW),
    Call("begin_registration", NEW, body=SECRET),
    # no device signs here
    Call("passkeys_register", NEW, 422, {"name": "Telefon", "credential": MADE}),
    Call("view_passkey", NEW, 404, given={"passkey": NOBODY}),
    Call("rename", NEW, 404, {"name": "Telefon"}, {"passkey": NOBODY}),
    Call("passkeys_remove", NEW, 404, SECRET, {"passkey": NOBODY}),
    Call("begin_sign_in", "anonymous", body={"tenant": "$tenant"}),
    Call("passkeys_sign_in", "anonymous", 401, {"tenant": "$tenant", "credential": SIGNED}),
    Call("see", NEW),
    Call("enrol", NEW, body=SECRET, keeps={"app": "secret"}),
    Call(
        "confirm",
        NEW,
        body={"code": app_code},
        keeps={"token of newcomer": "tokens.access_token", "code": "recovery_codes.0"},
    ),
    Call("renew_codes", NEW, body={**SECRET, "code": "$code"}, keeps={"code": "recovery_codes.0"}),
    Call("check_codes", NEW, 204, {"recovery_codes": ["$code"]}),
    Call("second_factor_remove", NEW, 204, {**SECRET, "code": "$code"}),
    Call("change_password", NEW, body={"current": PASSWORD, "new": CHANGED}),
    Call(
        "sign_in",
        "anonymous",
        body={"tenant": "$tenant", "email": "$email_of_newcomer", "password": CHANGED},
        keeps={"token of newcomer": "access_token", "refresh": "refresh_token"},
    ),
    Call("list_sessions", NEW, keeps={"session": "items.0.session"}),
    Call("view_session", NEW),
    Call("end", NEW, 204),
    Call("end_all", NEW, 204),
    Call("request_reset", "anonymous", 202, {"tenant": "$tenant", "email": "$email_of_newcomer"}),
    # the code stands in a letter
    Call("confirm_reset", "anonymous", 401, {"tenant": "$tenant", "code": "000000", "password": CHANGED}),
    Call("sign_out", "anonymous", 204, {"refresh_token": "$refresh"}),
    Call("ask_deletion", NEW, body={"password": CHANGED}),
    *ORGANISATIONS,
    *STAFF,
    Call("list_erasures"),
    Call("view_erasure", given={"customer": f"${NEW}"}),
    Call("search", body={"name": "Erika Musterfrau"}),
    Call("customer_name"),
    Call("service_token", "anonymous", body={"service": "orders", "secret": "$secret of orders"}),
    Call("subject_keys", "service", body={"purpose": "bookkeeping", "keys": [NOBODY]}),
    Call("accept", "anonymous", 204, {"invitation": "$invitation", "password": CHANGED}),
]

UNITS = {"units": "$units_by_transfer"}
ORDERS = [
    Call("checkout_texts", "anonymous", given={"language": "en"}),
    *CARTS,
    Call("place_order", "customer", 201, "$checkout", keeps={"later": "order"}),
    Call("view_order", "customer", given={"order": "$later"}, keeps={"line_later": "lines.0.line"}),
    Call("list_orders", given={"state": "placed", "limit": 2}),
    Call("list_shipments", "customer"),
    Call("buyer", "customer"),
    Call("list_rates", "anonymous", given={"country": "DE"}),
    Call("consent_later", "customer", body={"consents": "$consents"}, given={"order": "$later"}),
    Call("cancel", "customer", given={"order": "$later"}),
    *WITHDRAWALS,
    Call("shipping_address", given={"purpose": "posting"}),
    Call("ship", body={"units": "$boxed"}),
    Call("billing", given={"purpose": "invoice"}),
    Call(
        "refund_units",
        status=201,
        body={**UNITS, "reason": "goodwill"},
        given={"order": "$by_transfer"},
        keeps={"refund": "refund"},
    ),
    Call("view_refund", "customer", given={"order": "$by_transfer"}),
    Call("view_refunds", "customer", given={"order": "$by_transfer"}),
    Call("unexplained_refunds"),
    Call(
        "put_notice",
        status=422,  # for it lacks what the law says
        body={"text": "Nein.", "valid_from": "2099-01-01T00:00:00Z"},
        given={"seller": "kontor", "fulfilment": "boxed", "language": "de", "version": "1"},
    ),
]

# the units by transfer are paid before they are refunded
PAYMENTS_BEFORE = [
    Call("view_transfer", "customer", given={"order": "$by_transfer"}),
    Call("import_statement", body=statement),
    Call("import_archive", body=archive),
    Call("count_review"),
    Call("count_payouts"),
    Call("list_bookings", given={"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}),
    Call("turnover", given={"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "by": "month"}),
    Call("list_statements"),
    Call("order_refunds"),
    Call("list_payments", "customer"),
    Call("list_review", keeps={"entry": "items.0.entry"}),
    Call("allocate", body={"order": "$by_transfer", **UNITS, "together_with": []}),
    Call("close", body={"outcome": "kept"}),
    Call("pay", "customer", 201, {"order": "$unpaid"}, keeps={"payment": "payment"}),
    Call("view_payment", "customer"),
    Call("list_saved_cards", "customer", keeps={"card": "items.0.card"}),
    Call("delete_saved_card", "customer", 204),
    Call("hear_provider", "anonymous", 400, {"id": "evt_1"}),  # nobody but the provider can sign
]
PAYMENTS_AFTER = [
    Call("list_payouts", keeps={"payout": "items.0.refund"}),
    Call("paid_out", status=204, body={"reference": "SEPA 4711"}, given={"refund": "$payout"}),
]

MAIL = [
    Call("emails_of_order"),
    Call("bounced_emails"),
    Call("bounced_notifications"),
    Call("retry", status=409),  # it has arrived
    Call("letter"),
]

REWARDS = [
    Call("enrol", "customer", 201, {"time_zone": "Europe/Berlin"}),
    Call("view_member", "customer"),
    Call("log_meeting", status=202, body=meeting),
    Call("list_rules"),
    Call("try_programme", body=PROGRAMME),
    Call("load_programme", body=PROGRAMME, given={"dry_run": True}),
    Call("list_meetings", "customer"),
    Call("list_postings", "customer"),
    Call("list_rewards", "anonymous", given={"market": "DE"}),
    Call("list_earning", "anonymous", given={"market": "DE"}),
    # nothing is offered here
    Call("redeem", "customer", 404, {"reward": "restaurant-voucher"}),
    Call("list_mine", "customer"),
    Call("list_all", given={"state": "open"}),
    Call("view_redemption", "customer", 404, given={"redemption": NOBODY}),
    Call("fulfil", status=404, given={"redemption": NOBODY}),
    Call("fail", status=404, given={"redemption": NOBODY}),
    Call("view_destination", status=404, given={"redemption": NOBODY}),
    Call("leave", "customer"),
]

PARTNERS = [
    Call("list_partners"),
    Call("view_partner", status=404, given={"partner": "nobody"}),
]

CALLS: list[tuple[str, list[Call]]] = [
    ("accounts", ACCOUNTS + EVERYWHERE),
    ("payments", PAYMENTS_BEFORE),
    ("orders", ORDERS + EVERYWHERE),
    ("payments", PAYMENTS_AFTER + EVERYWHERE),
    ("licensing", LICENSING + EVERYWHERE),
    ("delivery", DELIVERY + EVERYWHERE),
    ("letters", MAIL + EVERYWHERE),
    ("mail-relay", RELAY + EVERYWHERE),
    ("rewards", REWARDS + EVERYWHERE),
    ("partners", PARTNERS + EVERYWHERE),
    ("catalog", CATALOG + EVERYWHERE),
]
