"""A customer reads a conversation in the account: both sides, files kept as files, and nobody else does (MAIL-7)."""

from email.message import EmailMessage
from email.policy import SMTP
from uuid import uuid4

import aiosmtplib
from journeys.correspondent import Correspondent
from journeys.customer import Customer
from journeys.suite import until

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .signing_in import register
from .test_account import bought, sign_in
from .visitor import visitor

SELLER = "service@kontor.example"
FILE = b"%PDF-1.4 <script>alert(1)</script>"


async def answered(front: Storefront, customer: Customer) -> str:
    """A conversation in which the seller has answered with a page, a quote and a file; its id."""
    suite = front.shop.suite

    async def opened() -> str:
        found = await suite.call("mail-relay", "GET", "/conversations", token=customer.token)
        return found["items"][0]["conversation"] if found["items"] else ""

    conversation = await until(opened, "the conversation")
    subject = f"Frage {uuid4().hex[:8]}"
    path = f"/conversations/{conversation}/messages"
    await suite.call(
        "mail-relay", "POST", path, token=customer.token, json={"subject": subject, "text": "Läuft es auf ARM?"}
    )
    seller = await Correspondent(suite, "Vera Vertrieb", SELLER).arrive(afresh=True)
    asked = await seller.read(subject)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = f"Vera <{SELLER}>", asked["Reply-To"].addresses[0].addr_spec
    message["Subject"], message["Message-ID"] = f"Re: {subject}", f"<{uuid4()}@kontor.example>"
    page = f"<script>x</script><p>Ja, <b>sogar</b> gut.</p><p>--<br>Vera, {SELLER}</p><p>Am 3.5.2026 schrieb Kunde:</p>"
    message.set_content(page + "<blockquote>Läuft es?</blockquote>", subtype="html")
    message.add_attachment(FILE, maintype="application", subtype="pdf", filename="../../Anleitung.pdf")
    door = aiosmtplib.SMTP(hostname=suite.state.host, port=suite.state.ports["mail-door"], start_tls=False)
    async with door:
        await door.sendmail(SELLER, [str(message["To"])], seller.signer.sign(message.as_bytes()))

    async def here() -> bool:
        found = await suite.call("mail-relay", "GET", "/conversations", token=customer.token)
        return bool(found["items"][0]["unread"])

    await until(here, "the answer")
    return conversation


async def test_MAIL_7_a_customer_reads_and_answers_in_the_account(front: Storefront, chromium: Browser):
    customer, _ = await bought(front)
    conversation = await answered(front, customer)
    async with chromium.person("conversation", width=PHONE) as person:
        await sign_in(person, front, customer, "/account/messages")
        assert "1 neu" in await person.text()
        await person.look()
        await person.page.click(f"a[href='/account/messages/{conversation}']")
        text = await person.text()
        assert "Läuft es auf ARM?" in text
        assert "Ja, sogar gut." in text
        assert SELLER not in await person.page.inner_text("main")
        assert not await person.page.get_by_text("Läuft es?", exact=True).is_visible()
        await person.page.get_by_text("Zitat zeigen").click()
        assert await person.page.locator("details .full").is_visible()
        await person.look()
        async with person.page.expect_download() as begun:
            await person.page.click(".files a")
        kept = await begun.value
        assert kept.suggested_filename == "Anleitung.pdf"
        assert (await kept.path()).read_bytes() == FILE
        await person.write(message="Danke!")
        await person.press("Absenden")
        assert "Danke!" in await person.page.locator("article.buyer").last.inner_text()
        await person.open(f"{front.address}/account/messages")
        assert "1 neu" not in await person.text()
    async with chromium.person("conversation-desk", width=DESK) as person:
        await sign_in(person, front, customer, f"/account/messages/{conversation}")
        await person.look()


async def test_ASVS_8_another_customer_finds_neither_thread_nor_file(front: Storefront):
    customer, _ = await bought(front)
    conversation = await answered(front, customer)
    thread = f"/conversations/{conversation}/thread"
    found = await front.shop.suite.call("mail-relay", "GET", thread, token=customer.token)
    message = found["messages"]["items"][0]["message"]
    page = f"/account/messages/{conversation}"
    async with visitor(front.address) as guest:
        assert (await guest.get(page))[0] == 303
        await register(guest, front)
        for path in (page, f"{page}/files/{message}/1", f"{page}/files/{uuid4()}/1", f"{page}/files/{message}/..%2f1"):
            status, text, _ = await guest.get(path)
            assert (status, "alert" in text) == (404, False), path
        assert (await guest.post(f"{page}/closing", {}))[0] == 404
