"""Two people with ordinary mail programs settle a claim, each behind a Postfix: no page is opened (MAIL-15, K19)."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from chassis_testing.programs import require
from journeys.download import open_link
from journeys.mail_program import MailProgram
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy
from stack import programs
from stack.certificates import issue
from stack.ports import pick
from stack.postfix import Postfix, edge, side
from stack.services import SERVICES

ALIASES = "mail.kontor.example"
DOMAINS = {"example.org": "127.0.0.2", "kontor.example": "127.0.0.3"}
TERMS = {"contact": 0, "statement": 72, "appeal": 0, "answer": 24, "weekends_count": True}


@dataclass
class Servers:
    """The servers of the buyer's and of the seller's domain, and where they take what is written."""

    of: dict[str, tuple[Postfix, int]]

    def program(self, name: str, address: str) -> MailProgram:
        """The mail program of somebody at one of them."""
        return MailProgram(name, address, *self.of[address.rpartition("@")[2]])


@pytest.fixture
async def servers(shop: Shop, tmp_path: Path) -> AsyncGenerator[Servers]:
    """Postfix on both sides, and that of `deploy/postfix` before and behind the relay."""
    require(("postfix", "s-nail"))
    stack, state = shop.suite.stack, shop.suite.state
    ports = pick([*DOMAINS, "edge", "out", "lmtp"], {})
    to_relay = {"transport_maps": f"inline:{{{ALIASES}=smtp:[127.0.0.1]:{ports['edge']}}}"}
    routes = ", ".join(f"{{{domain}=smtp:[127.0.0.1]:{ports[domain]}}}" for domain in DOMAINS)
    at_edge = {
        "relay_domains": ALIASES,
        "transport_maps": f"inline:{{{routes}}}",
        "smtpd_tls_chain_files": ", ".join(str(file) for file in reversed(issue(tmp_path, "mx.kontor.example"))),
    }
    for domain, address in DOMAINS.items():
        for name, text in ((domain, f"v=spf1 ip4:{address} -all"), (f"_dmarc.{domain}", "v=DMARC1; p=reject")):
            url = f"http://127.0.0.1:{state.ports['name-server']}/records/{name}"
            await shop.suite.call("names", "PUT", url, json={"TXT": [text]})
    service = next(one for one in SERVICES if one.name == "mail-relay")
    environment = programs.service_environment(service, state) | {
        "SMTP_PORT": str(ports["out"]),
        "DOOR_EDGES": "127.0.0.1",
        "LMTP_PORT": str(ports["lmtp"]),
    }
    async with AsyncExitStack() as opened:
        boxes = {"virtual_mailbox_maps": "static:box/"} | to_relay
        each = [side(domain, address, ports[domain], [], boxes) for domain, address in DOMAINS.items()]
        door = state.ports["mail-door"]
        both = await asyncio.gather(*(opened.enter_async_context(one) for one in each))
        await opened.enter_async_context(edge(ports["edge"], ports["out"], door, ports["lmtp"], at_edge))
        await asyncio.to_thread(stack.stop, service.name)
        opened.push_async_callback(asyncio.to_thread, stack.start, service.name)
        command = [*programs.PDEATHSIG, sys.executable, "-m", service.package, "serve"]
        relay = await asyncio.create_subprocess_exec(*command, env=os.environ | environment)
        opened.push_async_callback(relay.wait)
        opened.callback(relay.terminate)

        async def ready() -> bool:
            await shop.suite.call(service.name, "GET", shop.suite.admin(service.name, "/readyz"))
            return True

        await until(ready, "the relay behind Postfix", 60)
        yield Servers({domain: (server, ports[domain]) for domain, server in zip(DOMAINS, both, strict=True)})


async def test_MAIL_8_MAIL_15_a_claim_is_settled_with_ordinary_mail_programs(
    shop: Shop, people: People, servers: Servers
):  # K3, K13, K14, K15, K19
    await shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=TERMS)
    who = (f"{secrets.token_hex(4)}@kontor.example", "Renate Richter")
    reviewer = await Staff(shop.suite, shop.tenant, ("reviewer",), *who).hire()
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    (letter,) = [mail for mail in await customer.mailbox.mails() if mail.links]
    buyer = servers.program("Erika Musterfrau", customer.email)
    seller = servers.program("Vera Vertrieb", "service@kontor.example")
    number = order["number"]
    alias = (await shop.seller.ask("mail-relay", "GET", f"/orders/{order['order']}/conversation"))["write_to"]

    await buyer.write(alias, f"Frage {number}", "Läuft es auf ARM?")
    question = await seller.read(f"Frage {number}")
    await seller.answer("Ja.")
    answer = await buyer.read(f"Re: Frage {number}")
    await buyer.answer("Es startet nicht.")
    possible = await buyer.read(f"{number}: Sie können eine Klärung verlangen")
    await buyer.answer("Läuft nicht\n\nauf ARM.")
    asked = await seller.read(f"{number}: Ein Kunde verlangt eine Klärung")
    await seller.answer("Auf ARM nicht, das stand dort.")
    stated = await buyer.read(f"{number}: Der Anbieter hat Stellung genommen")
    for mail, hidden in ((question, buyer), (answer, seller), (possible, seller), (stated, seller), (asked, buyer)):
        assert hidden.address not in mail.as_string()
    (claim,) = (await reviewer.ask("mail-relay", "GET", "/claims"))["items"]
    verdict = {"outcome": "for_buyer", "grounds": "shown_by_buyer"}
    await reviewer.ask("mail-relay", "POST", f"/claims/{claim['claim']}/decision", json=verdict)
    await buyer.read(f"{number}: Der Antrag ist abgeschlossen")
    await seller.read(f"{number}: Der Antrag ist abgeschlossen")
    await customer.wait_for_state(order["order"], "refunded")
    assert (await open_link(shop.suite, letter.links[0])).status == 410
