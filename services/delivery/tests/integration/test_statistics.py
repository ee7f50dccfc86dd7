"""Which downloads took place, by whom, and what was only tried (E17 E18 E19 E20 E28 E30)."""

import csv
import io
import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.delivery.tests.integration.conftest import Depot, Sale

COLUMNS = ["Zeitpunkt", "SessionId", "Artikel", "Bestelldatum", "Name", "Firma", "eMail"]


async def bought(depot: Depot, **changes: Any) -> Sale:
    """A sale whose file was downloaded."""
    sale, token, file = await depot.sold(uuid4().bytes, **changes)
    assert (await depot.fetch(await depot.press(token, file["file"])))[0] == 200
    await depot.idle()
    return sale


async def rows_of(depot: Depot, *sales: Sale) -> list[dict[str, Any]]:
    status, page = await depot.get("/downloads?limit=500", depot.staff("sales"))
    assert status == 200
    return [row for row in page["items"] if row["Artikel"] in {sale.sku for sale in sales}]


async def test_statistics_have_exactly_the_seven_columns_newest_first(depot: Depot):  # E17 E18 DEL-7 ORD-14
    first = await bought(depot, company="Muster GmbH")
    second = await bought(depot, name="Max Muster", email="max@example.org")
    newest, oldest = await rows_of(depot, first, second)
    assert list(newest) == list(oldest) == COLUMNS
    assert [newest["Artikel"], newest["Name"], newest["Firma"], newest["eMail"]] == [
        second.sku,
        "Max Muster",
        None,
        "max@example.org",
    ]
    assert [oldest["Firma"], oldest["Bestelldatum"]] == ["Muster GmbH", "2026-11-02T09:00:00Z"]
    assert newest["Zeitpunkt"] > oldest["Zeitpunkt"]
    assert newest["SessionId"] != oldest["SessionId"]
    assert ("download statistics", first.profile.key) in depot.home.accounts.asked


async def test_a_row_stays_with_blanks_after_the_erasure(depot: Depot):  # E19 M26
    sale = await bought(depot, company="Muster GmbH")
    depot.home.accounts.erased.add(sale.profile.key)
    (row,) = await rows_of(depot, sale)
    assert [row["Artikel"], row["Name"], row["Firma"], row["eMail"]] == [sale.sku, None, None, None]
    assert row["Zeitpunkt"]
    assert row["SessionId"]


async def test_statistics_wait_when_keys_cannot_be_had(depot: Depot):
    await bought(depot)
    depot.home.accounts.away = True
    try:
        status, _ = await depot.get("/downloads", depot.staff("sales"))
    finally:
        depot.home.accounts.away = False
    assert status == 503


async def test_the_csv_has_the_german_headings_and_no_formulas(depot: Depot):  # E18 DEL-7
    sale = await bought(depot, name='=HYPERLINK("http://evil")', company="+49; GmbH", email="-cmd@example.org")
    async with depot.home.http.get("/downloads.csv", headers=depot.staff("sales")) as answer:
        assert answer.status == 200
        raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    headings, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    assert headings == COLUMNS
    (row,) = [row for row in rows if row[2] == sale.sku]
    assert row[4:] == ['\'=HYPERLINK("http://evil")', "'+49; GmbH", "'-cmd@example.org"]
    assert row[3] == "02.11.2026 10:00:00"


async def test_each_download_shows_what_proves_it(depot: Depot):  # E20 E28 DEL-8
    sold = [await depot.sold(os.urandom(100), name=name) for name in ("direct", "partly", "behind")]
    for (sale, token, file), proof in zip(sold, (None, "proxy", "proxy"), strict=True):
        address = await depot.begin(token, file["file"])
        if proof:
            await depot.home.sql("update sessions set proof = $2 where sha256 = $1", file["sha256"], proof)
        assert (await depot.fetch(address, Range="bytes=1-"))[0] == 206
        await depot.idle()
        _, view = await depot.get(f"/orders/{sale.order}/downloads", depot.staff("support"))
        assert [entry["proof"] for entry in view["downloads"]] == [proof or "acknowledged"]
    _, page = await depot.get("/downloads?limit=3&proof=true", depot.staff("sales"))
    assert [row["Nachweis"] for row in page["items"]] == ["proxy", "proxy", "acknowledged"]
    assert [list(row) for row in page["items"]] == [[*COLUMNS, "Nachweis"]] * 3
    _, text = await depot.get("/downloads.csv?proof=true", depot.staff("sales"))
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert (rows[0][7], rows[1][7], rows[3][7]) == ("Nachweis", "an einen Proxy übergeben", "vom Leser bestätigt")


async def test_pages_of_statistics_follow_each_other_without_gap_or_repetition(depot: Depot):
    for _ in range(3):
        await bought(depot)
    _, everything = await depot.get("/downloads?limit=500", depot.staff("sales"))
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        query = f"&cursor={cursor}" if cursor else ""
        status, page = await depot.get(f"/downloads?limit=2{query}", depot.staff("sales"))
        assert status == 200
        found += [row["SessionId"] for row in page["items"]]
        cursor = page["next"]
    assert found == [row["SessionId"] for row in everything["items"]]
    for bad in ("x", "2026-01-01T00:00:00_x", "2026-01-01_" + str(uuid4())):
        assert (await depot.get(f"/downloads?cursor={bad}", depot.staff("sales")))[0] == 400


async def test_one_query_answers_whether_a_customer_received_a_product(depot: Depot):  # E20 E30 DEL-8
    sale = await bought(depot)
    status, proof = await depot.get(f"/customers/{sale.customer}/skus/{sale.sku}/downloads", depot.staff("support"))
    assert (status, proof["received"]) == (200, True)
    (entry,) = proof["downloads"]
    assert [entry["order"], entry["line"]] == [str(sale.order), str(sale.line)]
    assert entry["completed_at"]
    assert len(entry["sha256"]) == 64
    assert (await depot.get(f"/orders/{sale.order}/downloads", depot.staff("support")))[1] == proof
    _, nothing = await depot.get(f"/customers/{uuid4()}/skus/{sale.sku}/downloads", depot.staff("support"))
    assert nothing == {"received": False, "lines": [], "downloads": []}


async def test_the_articles_of_a_customer_are_those_paid_for_and_nobody_else_s(depot: Depot):  # DEL-8
    sale = await bought(depot)
    await bought(depot)
    path = f"/customers/{sale.customer}/skus"
    status, found = await depot.get(path, depot.staff("support"))
    assert (status, [one["sku"] for one in found["items"]]) == (200, [sale.sku])
    assert found["items"][0]["name"]
    assert (await depot.get(path, depot.staff("support", tenant="other")))[1]["items"] == []
    assert (await depot.get(path, depot.staff("bookkeeping")))[0] == 403


async def test_a_line_is_received_when_all_its_files_are_and_an_order_when_all_its_lines_are(depot: Depot):  # E20 DEL-8
    skus = [f"SKU-{uuid4().hex[:8]}" for _ in range(2)]
    for sku, name in ((skus[0], "a.zip"), (skus[0], "b.pdf"), (skus[1], "c.zip")):
        await depot.upload(sku, name.encode(), name)
    sale = Sale(depot.home, skus[0])
    other = Sale(depot.home, skus[1], order=sale.order, customer=sale.customer)
    await depot.home.publish(sale.paid(extra=[other.line_of(other.unit_ids)]))
    granted = [await sale.granted(), await other.granted()]

    async def received() -> dict[str, Any]:
        status, proof = await depot.get(f"/orders/{sale.order}/downloads", depot.staff("reviewer"))
        assert status == 200
        lines = {line["sku"]: line["received"] for line in proof["lines"]}
        return {"all": proof["received"], **{f"line {number}": lines[sku] for number, sku in enumerate(skus)}}

    answers = [await received()]
    for grant in granted:
        for file in grant.files:
            await depot.fetch(await depot.press(sale.token(grant), str(file.file)))
            await depot.idle()
            answers.append(await received())
    assert [list(answer.values()) for answer in answers] == [
        [False, False, False],
        [False, False, False],
        [False, True, False],
        [True, True, True],
    ]
    await depot.upload(skus[0], b"new", "a.zip", version="2")
    assert (await received())["all"]


async def test_no_table_and_no_event_has_personal_data_or_secrets_in_clear(depot: Depot):  # M23
    sale, token, file = await depot.sold(b"x", name="Ada Geheim", email="ada@geheim.example", company="Geheim KG")
    address = await depot.press(token, file["file"])
    await depot.fetch(address)
    await depot.done()
    tables = await depot.home.sql(
        "select tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
    )
    stored = ""
    for table in tables:
        for schema in ("public", "chassis"):
            exists = await depot.home.sql("select to_regclass($1) is not null", f"{schema}.{table['tablename']}")
            if exists[0][0]:
                stored += str(await depot.home.sql(f"select t::text from {schema}.{table['tablename']} t"))
    published = "".join(str(record.value) for records in depot.home.log.values() for record in records)
    for secret in ("Geheim", "geheim", token, address.rpartition("/")[2]):
        assert secret not in stored
        assert secret not in published
    assert str(sale.order) in stored


# The tests below add many downloads, and stand at the end.

MANY = """
insert into sessions (tenant, id, grant_id, file_id, link_number, file_name, file_version, sha256, size, created_at,
                      expires_at, started_at, completed_at)
select sessions.tenant, gen_random_uuid(), grant_id, file_id, 1, file_name, file_version, sha256, size, at, at, at, at
from sessions
join grants on grants.id = sessions.grant_id
cross join generate_series($2::timestamptz, $3, interval '1 minute') as at
where grants.line_id = $1
"""


async def test_the_csv_of_a_period_is_whole_however_long_and_its_reading_recorded(depot: Depot):  # DEL-7
    sale, reader = await bought(depot), uuid4()
    await depot.home.sql(MANY, sale.line, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))
    period = {"since": "2020-01-01T00:01:00Z", "until": "2020-01-02T00:00:00Z"}
    staff = depot.home.bearer(depot.home.accounts.token(reader, "sales"))
    async with depot.home.http.get("/downloads.csv", headers=staff, params=period) as answer:
        text = (await answer.read()).decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert (len(rows), len({row[1] for row in rows})) == (1439, 1439)
    assert {row[4] for row in rows} == {"Erika Musterfrau"}
    query = "&".join(f"{name}={value}" for name, value in period.items())
    _, page = await depot.get(f"/downloads?limit=2&{query}", staff)
    assert [row["SessionId"] for row in page["items"]] == [row[1] for row in rows[:2]]
    readings = await depot.home.sql(
        "select object_id, purpose from chassis.audit where actor = $1 order by object_id", str(reader)
    )
    read = "download statistics: 2020-01-01 00:01:00+00:00 to 2020-01-02 00:00:00+00:00"
    assert [tuple(reading) for reading in readings] == [("csv", read), ("list", read)]


async def test_a_csv_that_cannot_be_ended_does_not_look_whole(depot: Depot):
    for day, broken in ((2, False), (1, True)):
        sale = await bought(depot)
        await depot.home.sql(MANY, sale.line, datetime(2021, 1, day, tzinfo=UTC), datetime(2021, 1, day, 9, tzinfo=UTC))
        if broken:
            await depot.home.sql("update orders set name_profile = 'broken' where id = $1", sale.order)
    period = {"since": "2021-01-01T00:00:00Z", "until": "2021-01-03T00:00:00Z"}
    async with depot.home.http.get("/downloads.csv", headers=depot.staff("sales"), params=period) as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
