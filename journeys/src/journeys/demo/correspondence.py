"""Step 8: the customer asks, the seller answers, each with a mail program."""

from journeys.correspondent import Correspondent
from journeys.demo.sale import Sale
from journeys.suite import expect

SELLER = "service@kontor.example"


async def correspond(sale: Sale) -> None:
    """Neither side sees the other's address; the thread holds."""
    show, suite = sale.show, sale.suite
    buyer = await Correspondent(suite, "Erika Musterfrau", sale.first.email).arrive()
    seller = await Correspondent(suite, "Vera Vertrieb", SELLER).arrive()
    letter = await buyer.read(sale.order["number"])
    (alias,) = (found.addr_spec for found in letter["Reply-To"].addresses)
    subject = f"Frage zu {sale.order['number']}"
    await buyer.write(alias, subject, "Läuft es auch auf ARM?\n\n-- \nErika Musterfrau", letter)
    question = await seller.read(subject)
    (shown,) = question["From"].addresses
    expect(buyer.address not in question.as_string(), "the customer's address not to be seen")
    show.saw(
        f"the customer answered the shop's e-mail; the seller sees {shown.display_name!r} <{shown.addr_spec[:8]}...>"
    )
    await seller.write(shown.addr_spec, f"Re: {subject}", "Ja, ab Version 9.", question)
    answer = await buyer.read(f"Re: {subject}")
    expect(seller.address not in answer.as_string(), "the seller's address not to be seen")
    expect(answer["In-Reply-To"].endswith(f"@{buyer.signer.domain}>"), "the thread to hold")
    show.saw(f"the seller's answer came under {answer['From'].addresses[0].display_name!r}, in the same thread")
