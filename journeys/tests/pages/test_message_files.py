"""A customer sends a seller files with a message; what is not passed on is told beside the field (MAIL-7)."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import pytest
from journeys.customer import Customer
from playwright.async_api import FilePayload

from .browser import DESK, PHONE, Browser, Person
from .conftest import Storefront
from .signing_in import register
from .test_account import customer_of, sign_in
from .visitor import Visitor, visitor

PDF = b"%PDF-1.4 a picture of the window"
TEXT = "So sieht es aus:\nZeile zwei."
Opened = tuple[Visitor, str, str]


async def conversation_of(front: Storefront, customer: Customer) -> str:
    """A conversation with the shop's seller; its id."""
    suite = front.shop.suite
    channels = await suite.call("catalog", "GET", f"/channels?tenant={front.shop.tenant}")
    body = {"seller": channels["items"][0]["seller"]}
    opened = await suite.call("mail-relay", "POST", "/conversations", token=customer.token, json=body)
    return str(opened["conversation"])


def file(name: str, content: bytes, kind: str = "application/pdf") -> FilePayload:
    return FilePayload(name=name, mimeType=kind, buffer=content)


async def choose(person: Person, *files: FilePayload) -> None:
    await person.page.set_input_files("#files", list(files))


@pytest.mark.parametrize(("width", "language", "scripts"), [(PHONE, "de", True), (DESK, "en", False)])
async def test_MAIL_7_files_go_with_a_message(
    front: Storefront, chromium: Browser, width: int, language: str, scripts: bool
):
    customer = await customer_of(front)
    conversation = await conversation_of(front, customer)
    name = f"message-files-{language}"
    async with chromium.person(name, width=width, language=language, scripts=scripts) as person:
        await sign_in(person, front, customer, f"/account/messages/{conversation}")
        await person.write(subject="Ein Bild", message=TEXT)
        await choose(person, file("Größe.pdf", PDF), file("setup.exe", b"MZ"))
        await person.press("Absenden" if language == "de" else "Send")
        shown = await person.page.locator("#files-more").inner_text()
        assert "setup.exe" in shown
        assert "Größe.pdf" not in shown
        assert await person.page.input_value("#message") == TEXT
        assert await person.page.input_value("#subject") == "Ein Bild"
        await choose(person, file("groß.pdf", PDF + bytes(12_000_000)))
        await person.press("Absenden" if language == "de" else "Send")
        shown = await person.page.locator("#files-more").inner_text()
        assert ("zu groß" if language == "de" else "too large") in shown
        assert await person.page.input_value("#message") == TEXT
        await choose(person, file("Größe.pdf", PDF), file("b.txt", b"Hallo", "text/plain"))
        await person.press("Absenden" if language == "de" else "Send")
        sent = person.page.locator("article.buyer").last
        assert "Zeile zwei." in await sent.inner_text()
        assert await sent.locator(".files a").all_inner_texts() == ["Größe.pdf", "b.txt"]
        async with person.page.expect_download() as begun:
            await sent.locator(".files a").first.click()
        kept = await begun.value
        assert (await asyncio.to_thread(Path(await kept.path()).read_bytes)) == PDF
        await person.write(message="Ohne Datei")
        await person.press("Absenden" if language == "de" else "Send")
        assert "Ohne Datei" in await person.page.locator("article.buyer").last.inner_text()


@pytest.fixture
async def guest(front: Storefront) -> AsyncGenerator[Opened]:
    """Somebody signed in without a browser, with a conversation of theirs, and another one's."""
    others = await conversation_of(front, await customer_of(front))
    async with visitor(front.address) as found:
        await register(found, front)
        _, text, _ = await found.get("/account/messages")
        seller = text.partition('name="seller" value="')[2].partition('"')[0]
        _, _, headers = await found.post("/account/messages", {"seller": seller})
        own = headers["Location"].rpartition("/")[2]
        await found.get(f"/account/messages/{own}")
        yield found, own, others


def written(token: str, *more: str, **fields: str) -> str:
    shown = {"token": token, "once": str(uuid4()), "subject": "a", "message": "b", **fields}
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in shown.items()]
    return "".join(f"--x\r\nContent-Disposition: form-data; {part}\r\n" for part in [*parts, *more])


END = "--x--\r\n"
FILE = 'name="files"; filename="a.pdf"\r\n\r\n%PDF-1.4'
KIND = "multipart/form-data; boundary=x"


async def test_a_form_with_files_that_is_not_ours_writes_nothing(front: Storefront, guest: Opened):
    person, own, others = guest
    path = f"/account/messages/{own}/messages"
    ours = written(person.token, FILE) + END
    refused: tuple[tuple[str, int, dict[str, str]], ...] = (
        (written("", FILE) + END, 403, {}),
        (written("0" * 64, FILE) + END, 403, {}),
        (written(person.token, f'name="token"\r\n\r\n{"0" * 64}') + END, 400, {}),
        (written(person.token, FILE, 'name="message"\r\n\r\nb') + END, 400, {}),
        (written(person.token, FILE), 400, {}),
        (ours, 403, {"Origin": "https://evil.example"}),
        (ours, 403, {"Sec_Fetch_Site": "cross-site"}),
        (written(person.token, FILE, message="x" * 90_000) + END, 400, {}),
        (written(person.token, FILE, message="") + END, 422, {}),
        (written(person.token, FILE, message="4111 1111 1111 1111") + END, 422, {}),
        ("nonsense", 400, {}),
    )
    for body, status, headers in refused:
        found = await person.post(path, body, Content_Type=KIND, **headers)
        assert found[0] == status, (body[:300], found[1])
        assert "4111" not in found[1]
    assert (await person.post(path, {"subject": "a", "message": "b", "once": str(uuid4())}))[0] == 415
    assert (await person.post(f"/account/messages/{others}/messages", ours, Content_Type=KIND))[0] == 404
    assert "article" not in (await person.get(f"/account/messages/{own}"))[1]
    assert (await person.post(path, ours, Content_Type=KIND))[0] == 303
    assert "a.pdf" in (await person.get(f"/account/messages/{own}"))[1]


async def test_a_name_of_a_file_is_no_way_out(front: Storefront, guest: Opened):
    person, own, _ = guest
    names = (
        'filename="../../etc/passwd"',
        "filename*=UTF-8''a%0D%0ABcc%3A%20eve%40evil.example.pdf",
        'filename="<script>alert(1)</script>.pdf"',
    )
    body = written(person.token, *(f'name="files"; {name}\r\n\r\n%PDF-1.4' for name in names)) + END
    assert (await person.post(f"/account/messages/{own}/messages", body, Content_Type=KIND))[0] == 303
    _, text, _ = await person.get(f"/account/messages/{own}")
    assert "<script>alert" not in text
    assert "../" not in text.partition('class="plain files"')[2].partition("</ul>")[0].replace("/files/", "")
    assert "passwd" in text
