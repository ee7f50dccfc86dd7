"""Filling a stock: by upload and by command, whole or not at all."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from chassis.identity.sealing import new_master_key
from chassis.service import Terminal
from licensing.__main__ import service
from licensing.commands import commands
from typer.testing import CliRunner

from services.licensing.tests.integration.conftest import Counter, later, serials


async def test_a_file_with_duplicates_is_refused_whole_and_says_where(counter: Counter):  # LIC-1
    known, fresh = serials("KNOWN", 2), serials("FRESH", 2)
    await counter.fill("DUP", "\n".join(known))
    content = "\n".join(["Serial", known[0], fresh[0], fresh[0].lower(), fresh[1], known[1].replace("-", " ")])
    status, problem = await counter.fill("DUP", content)
    assert (status, problem["type"]) == (422, "/problems/list-refused")
    assert problem["repeated"] == {"count": 1, "lines": [4]}
    assert problem["in_stock"] == {"count": 2, "lines": [2, 6]}
    assert not any(serial in str(problem) for serial in known + fresh)
    assert (await counter.stock("DUP"))["available"] == 2
    status, imported = await counter.fill("DUP", content, skip_duplicates=True)
    assert (status, imported["taken"], imported["before"]) == (201, 2, False)
    assert imported["in_stock"] == {"count": 2, "lines": [2, 6]}
    assert (await counter.stock("DUP"))["available"] == 4


async def test_the_same_file_again_is_answered_the_same_and_taken_once(counter: Counter):
    content = "\n".join(serials("AGAIN", 3))
    status, first = await counter.fill("AGAIN", content)
    again = await asyncio.gather(*(counter.fill("AGAIN", content) for _ in range(3)))
    assert status == 201
    assert again == [(200, first | {"before": True})] * 3
    assert (await counter.stock("AGAIN"))["available"] == 3


async def test_a_file_sent_twenty_times_at_once_is_taken_once(counter: Counter):
    content = "\n".join(serials("ATONCE", 50))
    answers = await asyncio.gather(*(counter.fill("ATONCE", content) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert (await counter.stock("ATONCE"))["available"] == 50


async def test_a_serial_is_sold_under_one_sku_only_and_tenants_do_not_see_each_other(counter: Counter):
    stock = serials("TWO", 2)
    await counter.fill("ONE-SKU", "\n".join(stock))
    assert (await counter.fill("OTHER-SKU", "\n".join(stock)))[0] == 422
    assert (await counter.fill("ONE-SKU", "\n".join(stock), tenant="nordlicht"))[0] == 201
    foreign = counter.staff("files", tenant="elsewhere")
    assert (await counter.get("/skus/ONE-SKU/stock", foreign))[0] == 404
    foreign_sale = counter.sale("ONE-SKU", 3, tenant="nordlicht")
    await counter.home.publish(foreign_sale.paid())
    await counter.quiet()
    assert await counter.states(foreign_sale) == ["issued", "issued", "backordered"]
    assert (await counter.stock("ONE-SKU"))["available"] == 2


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"GOOD-000001\nBAD\x00-0001\n", "list-refused"),
        (b"GOOD-000001\n=cmd|'/c calc'!A0\n", "list-refused"),
        (b"GOOD-000001\n" + b"A" * 2**20, "list-refused"),
        (b"GOOD-000001\n4.50936E+15\n", "list-refused"),
        (b"GOOD-000001\nGOOD-000002\nGOOD-000003\nTotal: 3\n", "list-refused"),
        (b"PK\x03\x04 a workbook", "file-not-text"),
        (b"", "file-empty"),
        (b"\n" * 250_001, "file-too-long"),
        (b"A" * (8 * 2**20 + 1), "too-large"),
    ],
)
async def test_a_bad_file_leaves_nothing_behind(counter: Counter, content: bytes, kind: str):
    status, problem = await counter.fill("BAD-FILE", content, skip_duplicates=True)
    assert problem["type"] == f"/problems/{kind}"
    assert status == (413 if kind in ("file-too-long", "too-large") else 422)
    assert (await counter.stock("BAD-FILE"))["available"] == 0
    assert not await counter.home.sql("select 1 from imports where sku = 'BAD-FILE'")


async def test_a_dry_run_tells_what_an_import_would_do_and_does_nothing(counter: Counter):  # LIC-1
    stock = serials("DRY", 4)
    await counter.fill("DRY", stock[0])
    content = "\n".join(["No.;Key", *(f"{number};{serial}" for number, serial in enumerate(stock)), "5;Total: 4"])
    status, seen = await counter.fill("DRY", content, dry_run=True)
    assert (status, seen["taken"], seen["before"], seen["import_id"]) == (200, 0, False, None)
    assert seen["unlike"] == {"count": 1, "lines": [{"line": 6, "rule": "looks-like-a-total"}]}
    assert seen["left_out"] == {"count": 1, "lines": [{"line": 1, "rule": "heading"}]}
    assert seen["in_stock"] == {"count": 1, "lines": [2]}
    assert (await counter.fill("DRY", content))[0] == 422
    sound = content.rpartition("\n")[0]
    _, seen = await counter.fill("DRY", sound, dry_run=True, skip_duplicates=True, column="2")
    assert seen["taken"] == 3
    assert (await counter.stock("DRY"))["available"] == 1
    assert (await counter.fill("DRY", sound, skip_duplicates=True, column="2"))[1]["taken"] == 3
    assert (await counter.fill("DRY", sound, dry_run=True))[1]["before"]
    assert (await counter.stock("DRY"))["available"] == 4


async def test_a_serial_that_does_not_open_waits_alone_until_it_does(counter: Counter, tmp_path: Path):  # LIC-3
    stock, others = serials("SHUT", 3), serials("OPEN", 1)
    await counter.fill("SHUT", "\n".join(stock))
    await counter.fill("OPEN", others[0], tenant="nordlicht")
    (first, *_) = await counter.home.sql("select fingerprint, box from serials where sku = 'SHUT' order by line")
    await counter.home.sql("update serials set box = '\\x00' where fingerprint = $1", first["fingerprint"])
    ours, theirs = counter.sale("SHUT", 3), counter.sale("OPEN", tenant="nordlicht")
    await counter.home.publish(ours.paid(later(1)), theirs.paid(later(2)))
    await counter.quiet()
    assert sorted((await counter.texts(ours)).values()) == sorted(stock[1:])
    assert list((await counter.texts(theirs)).values()) == others
    assert sorted(await counter.states(ours)) == ["backordered", "issued", "issued"]
    stored = await counter.stock("SHUT")
    assert (stored["unreadable"], stored["available"]) == (1, 0)
    target = ("--sku", "SHUT", "--tenant", "kontor")
    retry = "0 serials of SHUT are in stock again, 1 do not open.\n"
    assert await _serials(counter, "retry", *target) == (0, retry)
    await counter.home.sql("update unreadable set box = $1", first["box"])
    retry = "1 serials of SHUT are in stock again, 0 do not open.\n"
    assert await _serials(counter, "retry", *target) == (0, retry)
    await counter.issued("SHUT", 3)
    await counter.quiet()
    assert sorted((await counter.texts(ours)).values()) == sorted(stock)
    assert (await counter.stock("SHUT"))["unreadable"] == 0


async def test_a_body_without_end_is_cut(counter: Counter):
    async def endless():
        while True:
            yield b"AAAA-00000001\n" * 10_000

    headers = counter.staff("files") | {"Content-Type": "text/csv"}
    try:
        async with counter.home.http.post("/skus/ENDLESS/serials", data=endless(), headers=headers) as answer:
            assert answer.status == 413
    except OSError:  # the connection was closed while we were still sending
        pass
    assert not await counter.home.sql("select 1 from imports where sku = 'ENDLESS'")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/skus/A/serials?skip=1", {}, 400),
        ("/skus/A/serials?skip_duplicates=perhaps", {}, 422),
        ("/skus/..%2Fetc/serials", {}, 404),
        ("/skus/a%00b/serials", {}, 404),
        ("/skus/A/serials", {"Content-Type": "application/json"}, 415),
    ],
)
async def test_a_bad_address_or_type_is_refused(counter: Counter, path: str, headers: dict[str, str], status: int):
    sent = counter.staff("files") | {"Content-Type": "text/csv"} | headers
    async with counter.home.http.post(path, data=b"AAAA-00000001", headers=sent) as answer:
        assert answer.status == status


async def test_only_staff_who_keep_files_or_sell_may_fill_a_stock(counter: Counter):
    for role in ("customer", "bookkeeping", "support", "reviewer", "service"):
        assert (await counter.fill("ROLES", "AAAA-00000001", roles=role))[0] == 403
    async with counter.home.http.post("/skus/ROLES/serials", data=b"AAAA-00000001") as answer:
        assert answer.status == 401
    assert (await counter.get("/skus/ROLES/stock", counter.staff("customer")))[0] == 403
    assert (await counter.get("/skus/ROLES/stock", {}))[0] == 401
    assert (await counter.fill("ROLES", "AAAA-00000001", roles="sales"))[0] == 201


@pytest.mark.torture
async def test_a_hundred_thousand_serials_are_imported(counter: Counter):  # LIC-1
    content = "\n".join(serials("LIC-1", 100_000))
    status, imported = await counter.fill("LIC-1", content)
    assert (status, imported["taken"]) == (201, 100_000)
    sale = counter.sale("LIC-1", 2)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert sorted((await counter.texts(sale)).values()) == sorted(content.split("\n")[:2])


async def _serials(counter: Counter, *arguments: str) -> tuple[int, str]:
    settings: Any = counter.home.settings
    names = (
        "database_url",
        "kafka_bootstrap_servers",
        "accounts_url",
        "public_url",
        "service_secret_file",
        "clock_file",
    )
    environment = {name.upper(): str(getattr(settings, name)) for name in names}
    environment["LICENSE_KEY_FILE"] = str(counter.license_key_file)
    app = commands(Terminal("licensing", service.settings))
    done = await asyncio.to_thread(CliRunner().invoke, app, ["serials", *arguments], env=environment)
    return done.exit_code, done.output


async def test_the_command_fills_a_stock_and_wakes_who_waits(counter: Counter, tmp_path: Path):  # LIC-1 LIC-3
    sale = counter.sale("COMMAND")
    await counter.home.publish(sale.paid(later(1)))
    await counter.quiet()
    assert await counter.states(sale) == ["backordered"]
    file = tmp_path / "serials.csv"
    stock = serials("COMMAND", 3)
    file.write_text("serial\r\n" + "\r\n".join(stock))
    target = ("--sku", "COMMAND", "--tenant", "kontor")
    await counter.sells("COMMAND")
    assert await _serials(counter, "import", str(file), *target) == (
        0,
        "serials.csv:1: heading: left out, it is the heading of the column\n3 serials of COMMAND were put in stock.\n",
    )
    for _ in range(200):
        if await counter.states(sale) == ["issued"]:
            break
        await asyncio.sleep(0.05)
    assert await counter.states(sale) == ["issued"]
    file.write_text("\n".join([*stock, *serials("COMMAND", 1)]))
    status, said = await _serials(counter, "import", str(file), *target)
    again = "in_stock: the entry was imported before; --skip-duplicates takes the rest"
    assert (status, f"serials.csv:3: {again}\n" in said) == (1, True), said
    assert await _serials(counter, "import", str(file), *target, "--dry-run") == (status, said)
    assert not any(serial in said for serial in stock)
    status, said = await _serials(counter, "import", str(file), *target, "--skip-duplicates")
    known = "".join(f"serials.csv:{line}: {again}\n" for line in (1, 2, 3))
    assert (status, said) == (0, f"{known}1 serials of COMMAND were put in stock.\n")


async def test_a_mistyped_tenant_or_sku_is_refused_before_anything_is_stocked(counter: Counter, tmp_path: Path):
    # LIC-1: a serial is sold under one SKU only, so that a mistyped one could not be mended
    await counter.sells("TYPED")
    file = tmp_path / "serials.csv"
    file.write_text("\n".join(serials("TYPED", 2)))
    for words in (("import", str(file)), ("import", str(file), "--dry-run"), ("retry",)):
        status, said = await _serials(counter, *words, "--sku", "TYPED", "--tenant", "kontr")
        tenant = "licensing knows no tenant 'kontr'; nothing was done. Did you mean kontor?\n"
        assert (status, tenant in said, "accounts tenant open" in said) == (1, True, True), said
        status, said = await _serials(counter, *words, "--sku", "TYPD", "--tenant", "kontor")
        sku = "No article of kontor has the SKU TYPD; nothing was done.\n"
        assert (status, sku in said, "catalog load" in said) == (1, True, True), said
    headers = counter.staff("files") | {"Content-Type": "text/csv"}
    for query in ("", "?dry_run=true"):
        async with counter.home.http.post(f"/skus/TYPD/serials{query}", data=file.read_bytes(), headers=headers) as no:
            assert (no.status, (await no.json())["type"]) == (404, "/problems/sku-unknown")
    assert not await counter.home.sql("select 1 from stocks where sku = 'TYPD' or tenant = 'kontr'")
    assert (await _serials(counter, "import", str(file), "--sku", "TYPED", "--tenant", "kontor"))[0] == 0


async def test_serials_at_rest_open_with_the_master_key_only(counter: Counter, tmp_path: Path):
    from chassis.identity.sealing import SealBroken
    from licensing.usecases.vault import Vault

    (text,) = serials("ATREST", 1)
    await counter.fill("ATREST", text)
    (row,) = await counter.home.sql("select fingerprint, box from serials where sku = 'ATREST'")
    other = tmp_path / "other"
    other.write_text(new_master_key())
    assert Vault.from_file(counter.license_key_file).open(row["box"], row["fingerprint"]) == text
    with pytest.raises(SealBroken):
        Vault.from_file(other).open(row["box"], row["fingerprint"])
    rotated = tmp_path / "rotated"
    rotated.write_text(f"{new_master_key()}\n{counter.license_key_file.read_text()}\n")
    vault = Vault.from_file(rotated)
    assert vault.open(row["box"], row["fingerprint"]) == text
    assert vault.fingerprint("serial X") == Vault.from_file(counter.license_key_file).fingerprint("serial X")


async def test_everybody_sees_which_article_has_no_serial_left_and_no_counts(counter: Counter):
    await counter.sells("GONE")
    await counter.fill("THERE", "\n".join(serials("THERE", 1)))

    async def used_up(tenant: str = "kontor") -> list[dict[str, Any]]:
        status, listed = await counter.get(f"/tenants/{tenant}/used-up", {})
        assert status == 200
        return listed["items"]

    assert {"sku": "GONE"} in await used_up()
    assert {"sku": "THERE"} not in await used_up()
    sale = counter.sale("THERE")
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert {"sku": "THERE"} in await used_up()
    await counter.fill("GONE", "\n".join(serials("GONE", 1)))
    assert {"sku": "GONE"} not in await used_up()
    assert await used_up("elsewhere") == []
