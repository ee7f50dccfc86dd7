"""What the calls of all operations need to know before."""

import re
import secrets
from functools import partial
from pathlib import Path

from journeys.clients.call import Known
from journeys.customer import GOOD_CARD, Customer
from journeys.seller import Shop, Staff
from journeys.shops import BOXED, GENERATED, KEYLESS, SERIALS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy

ROLES = ("sales", "files", "support", "bookkeeping", "reviewer", "operator", "administrator")


async def hire(shop: Shop) -> Staff:
    """Hire somebody who has every role."""
    staff = Staff(shop.suite, shop.tenant, ROLES, f"{secrets.token_hex(4)}@kontor.example", "Alle Ämter")
    await staff.hire()
    return staff


async def gather(shop: Shop) -> Known:
    """Return people and their tokens, a sale by card whose letter has arrived, one by transfer, one that is unpaid."""
    customer = await People(shop).arrive()
    order = await buy(customer, {GENERATED: 1, BOXED: 1})
    await customer.enter_card(await customer.payment_page(order["order"], save_card=True), GOOD_CARD)
    by_transfer = await buy(customer, {KEYLESS: 1}, method="transfer")
    unpaid = await buy(customer, {KEYLESS: 1})
    staff = await hire(shop)
    secret = (Path(shop.suite.state.home) / "secrets" / "orders").read_text().strip()
    service = await shop.suite.call("accounts", "POST", "/service-token", json={"service": "orders", "secret": secret})
    email = f"{secrets.token_hex(4)}@kontor.example"
    words = ("--tenant", shop.tenant, "--email", email, "--name", "Ina Innen", "--role", "sales")
    invited = await shop.suite.stack_run("accounts", "staff", "add", *words)
    link = await until(partial(_first_link, customer), "the letter with the link", 90)
    grants = await staff.ask("delivery", "GET", f"/orders/{order['order']}/grants")
    emails = await staff.ask("letters", "GET", f"/orders/{order['order']}/emails")
    view = await customer.order_view(order["order"])
    units = {line["sku"]: [unit["unit"] for unit in line["units"]] for line in view["lines"]}
    checkout = await customer.checkout({KEYLESS: 1}, consent=False)
    return {
        "token of customer": customer.token,
        "token of staff": staff.token,
        "token of service": service["access_token"],
        "email_of_newcomer": f"{secrets.token_hex(6)}@example.org",
        "mails": f"{shop.suite.state.mail_url}/api/mails",
        "other_email": f"{secrets.token_hex(6)}@example.org",
        "secret of orders": secret,
        "invitation": re.findall(r"\S+", invited)[-1],
        "tenant": shop.tenant,
        "customer": customer.id,
        "order": order["order"],
        "by_transfer": by_transfer["order"],
        "units_by_transfer": [unit["unit"] for line in by_transfer["lines"] for unit in line["units"]],
        "unpaid": unpaid["order"],
        "boxed": units[BOXED],
        "checkout": checkout,
        "cart": {**{name: checkout[name] for name in ("channel", "customer_type", "lines")}, "country": "DE"},
        "consents": (await customer.checkout({KEYLESS: 1}))["consents"],
        "sku": GENERATED,
        "sku_of_serials": SERIALS,
        "serials": f"A-{secrets.token_hex(8)}\n".encode(),
        "grant": grants["grants"][0]["grant"],
        "file": grants["grants"][0]["files"][0]["file"],
        "token": link.rpartition("/")[2],
        "email": emails["items"][0]["email"],
    }


async def _first_link(customer: Customer) -> str:
    """Return the first link that the customer has been mailed; empty before."""
    return next((link for mail in await customer.mailbox.mails() for link in mail.links), "")
