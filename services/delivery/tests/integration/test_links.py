"""What a link shows, to whom, and what nobody gets by guessing."""

import asyncio
import re

from contracts.delivery import DownloadStarted
from structlog.testing import capture_logs

from services.delivery.tests.integration.conftest import Depot, Sale


async def test_the_landing_page_shows_everything(depot: Depot):  # E8 DEL-9
    sale, token, file = await depot.sold(b"0123456789" * 1234)
    status, page = await depot.get(f"/d/{token}")
    assert status == 200
    assert "24 Stunden lang" in page
    for text in ("Windows Vista Home Premium", "setup.exe", file["sha256"], "12,3 kB (12.340 Bytes)", "Downloads: 5"):
        assert text in page, text
    assert '<html lang="de">' in page
    until = (await sale.granted()).valid_until
    assert f"{until.year}" in page
    english, token, _ = await depot.sold(b"x", language="en")
    _, page = await depot.get(f"/d/{token}")
    assert "This link is good until" in page
    assert english.sku not in page


async def test_F_D17_the_secrets_of_a_link_stand_in_no_cache_referrer_log_or_metric(depot: Depot):
    _, token, file = await depot.sold(b"x")
    address = await depot.press(token, file["file"])
    paths = (f"/d/{token}", address, f"/d/{token}?e=1&e=2", f"{address}/x", f"/d/{token}x", f"{address}x")
    with capture_logs() as logs:
        for headers in ({}, {"Accept": "text/html"}):
            for path in paths:
                async with depot.home.http.get(path, headers=headers) as answer:
                    await answer.read()
                if answer.status in (200, 206):
                    assert answer.headers["Referrer-Policy"] == "no-referrer"
                    assert "no-store" in answer.headers["Cache-Control"]
                    assert answer.headers["X-Robots-Tag"] == "noindex"
                    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        await depot.done()
    _, metrics = await depot.get(f"{depot.home.admin_url}/metrics")
    logged = repr(logs)
    for secret in (token, address.rpartition("/")[2]):
        assert secret not in metrics
        assert secret not in logged


async def test_F_D16_scanners_that_follow_every_link_consume_nothing(depot: Depot):
    sale, token, _ = await depot.sold(b"x", changes={"download_limit": 1})

    async def scan() -> None:
        page = (await depot.get(f"/d/{token}"))[1]
        for link in re.findall(r'(?:href|src|action)="([^"]+)"', page):
            async with depot.home.http.get(link) as answer:
                assert answer.status == 405
        async with depot.home.http.head(f"/d/{token}") as answer:
            assert answer.status == 200

    await asyncio.gather(*(scan() for _ in range(10)))
    await depot.home.settled()
    assert await sale.published(DownloadStarted) == []
    assert (
        await depot.home.sql(
            "select from sessions join grants on grants.id = sessions.grant_id where line_id = $1", sale.line
        )
        == []
    )


async def test_the_page_is_escaped(depot: Depot):
    _, token, _ = await depot.sold(b"x", changes={"name": '<b>Office</b> & "more"'})
    _, page = await depot.get(f"/d/{token}")
    assert "<b>Office" not in page


async def test_F_D01_F_D05_F_D07_what_is_guessed_or_bent_is_not_found(depot: Depot):  # E25 DEL-1
    sale, token, file = await depot.sold(b"secret contents")
    _, other_token, other = await depot.sold(b"other")
    address = await depot.press(token, file["file"])
    secret = address.rpartition("/")[2]
    sha = file["sha256"]
    paths = [
        "/d/" + "A" * 43,
        "/d/" + token[:-1],
        "/d/" + token + "A",
        "/d/",
        "/t/" + "A" * 43,
        "/t/" + token,
        "/d/" + secret,
        "/t/..%2f..%2fetc%2fpasswd",
        "/t/%2e%2e/%2e%2e/etc/passwd",
        "/t/%252e%252e%252f",
        "/t/" + secret + "%00",
        "/t/" + secret + "%2f..",
        "/t/" + secret + "\\..",
        "/t/" + secret + ".gz",
        "//etc/passwd",
        f"/objects/kontor/{sha[:2]}/{sha}",
        f"/{sha}",
        f"/files/{sha}",
        f"/{file['file']}",
    ]
    host, _, port = depot.home.base_url.removeprefix("http://").partition(":")
    for path in paths:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 404"), (path, answer[:60])
        assert b"secret contents" not in answer
    for path in (f"/d/{token}/files/{other['file']}", f"/d/{other_token}/files/{file['file']}", f"/d/{token}/files/x"):
        async with depot.home.http.post(path, allow_redirects=False) as answer:
            assert answer.status == 404, path
    assert (await depot.get(f"/d/{token}?e=1&e=2"))[0] == 400
    assert (await depot.fetch(address))[:2] == (200, b"secret contents")
    assert sale.sku


async def test_F_D08_proxy_headers_of_the_client_change_nothing(depot: Depot):
    _, token, file = await depot.sold(b"x")
    headers = {"X-Accel-Redirect": "/etc/passwd", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/docs"}
    async with depot.home.http.post(
        f"/d/{token}/files/{file['file']}", headers=headers, allow_redirects=False
    ) as answer:
        assert answer.headers["Location"].startswith("/t/")


async def test_a_refusal_is_a_problem_where_json_is_asked_for(depot: Depot):
    sale, token, _ = await depot.sold(b"x")
    await depot.home.publish(sale.refunded())
    await depot.home.settled()
    status, problem = await depot.get(f"/d/{token}", {"Accept": "application/json"})
    assert (status, problem["type"]) == (410, "/problems/link-revoked")
    assert "refunded" in problem["title"]


async def test_a_browser_gets_the_refusals_of_an_address_as_pages_in_the_readers_language(depot: Depot):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en-GB,en"}
    for path in ("/t/" + "A" * 43, "/t/cut", "/d/cut"):
        status, page = await depot.get(path, browser)
        assert (status, 'data-reason="unknown"' in page, '<html lang="en">' in page) == (404, True, True)
    for language in ("de", "en"):
        sale, token, file = await depot.sold(b"x", language=language)
        address = await depot.press(token, file["file"])
        await depot.home.publish(sale.refunded())
        await depot.home.settled()
        status, page = await depot.get(address, browser)
        assert (status, 'data-reason="revoked"' in page) == (410, True)
        assert f'<html lang="{language}">' in page
        status, problem = await depot.get(address)
        assert (status, problem["type"]) == (410, "/problems/link-revoked")


async def test_a_file_is_delivered_under_its_own_name_and_type(depot: Depot):  # E24 E5
    sku = "NAMES"
    name = 'Größe & "Maß"; 100%.mp3'.replace('"', "'")
    await depot.upload(sku, b"la la", name.replace("%", "%25"), "audio/mpeg")
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.paid())
    granted = await sale.granted()
    assert granted.files[0].name == name
    address = await depot.press(sale.token(granted), str(granted.files[0].file))
    _, body, answer = await depot.fetch(address)
    assert body == b"la la"
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_disposition is not None
    assert answer.content_disposition.filename == name
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=\"Grosse & 'Mass'_ 100_.mp3\";")
