"""Downloads that are raced for, revoked, renewed, damaged, expired."""

import asyncio
import hashlib
import os
import time
from datetime import timedelta
from uuid import uuid4

from contracts.delivery import DownloadCompleted, DownloadExtended, DownloadRevoked

from services.delivery.tests.integration.conftest import Depot, Sale

MB = 2**20


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_F_D15_F_D17_of_fifty_who_share_a_link_as_many_get_the_file_as_it_allows(depot: Depot):  # DEL-4
    async def press_and_fetch(path: str) -> int:
        while True:  # 503: more than the database has connections for; a button is pressed again then
            async with depot.home.http.post(path, allow_redirects=False) as answer:
                if answer.status not in (303, 503):
                    return answer.status
            if answer.status == 303:
                return (await depot.fetch(answer.headers["Location"]))[0]

    for _ in range(3):
        _, token, file = await depot.sold(b"x" * 1000, changes={"download_limit": 2})
        path = f"/d/{token}/files/{file['file']}"
        answers = await asyncio.gather(*(press_and_fetch(path) for _ in range(50)))
        assert set(answers) <= {200, 404, 410, 503}  # 404: somebody else pressed again before this began
        assert answers.count(200) <= 2
        answers += [await press_and_fetch(path) for _ in range(2)]
        assert answers.count(200) == 2
        status, page = await depot.get(f"/d/{token}")
        assert (status, 'data-reason="used_up"' in page) == (410, True)


async def test_F_D02_a_running_transfer_is_cut_within_a_second_of_the_refund(depot: Depot):  # DEL-12
    sale, token, file = await depot.sold(os.urandom(24 * MB))
    address = await depot.press(token, file["file"])
    async with depot.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(MB)
        await depot.home.publish(sale.refunded())
        began = time.monotonic()
        read = MB
        try:
            while piece := await asyncio.wait_for(reader.read(2**14), 5):
                read += len(piece)
                await asyncio.sleep(0.002)
        except ConnectionResetError:
            pass
        assert time.monotonic() - began < 1.5
        assert read < 24 * MB
    await depot.done()
    assert len(await sale.published(DownloadRevoked)) == 1
    assert await sale.published(DownloadCompleted) == []
    status, problem = await depot.get(address)
    assert (status, problem["type"]) == (410, "/problems/link-revoked")
    status, page = await depot.get(f"/d/{token}")
    assert (status, 'data-reason="revoked"' in page) == (410, True)


async def test_a_new_link_goes_on_with_what_the_old_one_began(depot: Depot):  # DEL-6 E6
    data = os.urandom(4 * MB)
    sale, token, file = await depot.sold(data, changes={"download_limit": 1})
    address = await depot.press(token, file["file"])
    part = await depot.read_some(address, 0, MB, file["sha256"])
    await depot.idle()
    grant = (await sale.granted()).grant
    status, _ = await depot.send("POST", f"/grants/{grant}/resend", depot.staff("support"))
    assert status == 200
    fresh = sale.token(await sale.granted(2))
    assert (await depot.get(f"/d/{token}"))[0] == 404
    status, page = await depot.get(f"/d/{fresh}")
    assert (status, "Noch mögliche Downloads: 1" in page) == (200, True)
    address = await depot.press(fresh, file["file"])
    status, rest, _ = await depot.fetch(address, Range=f"bytes={len(part)}-")
    assert (status, sha(part + rest)) == (206, file["sha256"])
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1


async def test_who_presses_twice_before_the_first_byte_uses_one_download(depot: Depot):  # DEL-4
    _, token, file = await depot.sold(b"x" * 100, changes={"download_limit": 1})
    first = await depot.press(token, file["file"])
    assert (await depot.get(f"/d/{token}"))[0] == 200
    second = await depot.press(token, file["file"])
    assert (await depot.get(first))[0] == 404
    assert (await depot.fetch(second))[0] == 200
    await depot.idle()
    assert (await depot.get(f"/d/{token}"))[0] == 410


async def test_a_link_that_would_open_nothing_is_not_sent_again(depot: Depot):  # DEL-4 E6
    sale, token, file = await depot.sold(b"x" * 100, changes={"download_limit": 1})
    assert (await depot.fetch(await depot.press(token, file["file"])))[0] == 200
    await depot.idle()
    path = f"/grants/{(await sale.granted()).grant}"
    status, problem = await depot.send("POST", f"{path}/resend", depot.staff("support"))
    assert (status, problem["type"]) == (409, "/problems/grant-used-up")
    assert (await depot.get(f"/d/{token}"))[0] == 410
    assert (await depot.send("PUT", path, depot.staff("support"), {"download_limit": 2}))[0] == 200
    assert (await depot.send("POST", f"{path}/resend", depot.staff("support")))[0] == 200
    assert (await depot.get(f"/d/{sale.token(await sale.granted(2))}"))[0] == 200


async def test_who_pays_for_more_finds_something_behind_the_link_that_is_sent_again(depot: Depot):  # DEL-4 E26
    sku = f"SKU-{uuid4().hex[:8]}"
    files = (await depot.upload(sku, b"x", "a.zip"))["items"] + (await depot.upload(sku, b"y", "b.zip"))["items"][1:]
    sale = Sale(depot.home, sku, units=3, changes={"download_limit": 1})
    await depot.home.publish(sale.paid(sale.unit_ids[0]))
    token = sale.token(await sale.granted())
    for number, used in enumerate((files, files[:1]), start=2):
        for file in used:
            assert (await depot.fetch(await depot.press(token, file["file"])))[0] == 200
            await depot.idle()
        await depot.home.publish(sale.paid(sale.unit_ids[number - 1]))
        assert (await sale.granted(number)).download_limit == number
        status, page = await depot.get(f"/d/{token}")
        assert (status, "<button disabled" in page) == (200, False)


async def test_a_change_after_which_the_link_opens_nothing_is_refused_and_told_nobody(depot: Depot):  # E6 E9
    sale, token, file = await depot.sold(b"x" * 100, changes={"download_limit": 2})
    path, staff = f"/grants/{(await sale.granted()).grant}", depot.staff("support")
    assert (await depot.fetch(await depot.press(token, file["file"])))[0] == 200
    await depot.idle()
    now = depot.home.clock.now()
    later, past = ((now + timedelta(days=days)).isoformat() for days in (60, -1))
    for body, kind in (({"download_limit": 1}, "grant-used-up"), ({"valid_until": past}, "grant-dead")):
        status, problem = await depot.send("PUT", path, staff, body)
        assert (status, problem["type"]) == (409, f"/problems/{kind}")
    assert (await depot.fetch(await depot.press(token, file["file"])))[0] == 200
    await depot.idle()
    assert (await depot.send("PUT", path, staff, {"valid_until": later}))[0] == 409
    await depot.home.settled()
    assert await sale.published(DownloadExtended) == []
    assert (await depot.send("PUT", path, staff, {"valid_until": later, "download_limit": 3}))[0] == 200


async def test_what_a_killed_process_had_sent_counts_when_the_reader_goes_on_behind_it(depot: Depot):
    data = os.urandom(MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    status, _, _ = await depot.fetch(address, Range="bytes=0-99")
    assert status == 206
    session = await depot.session(address)
    await depot.home.sql(
        "insert into transfers"
        " (tenant, session_id, id, process_id, first_byte, end_byte, arrived_to, seen_at)"
        " values ('kontor', $1, gen_random_uuid(), gen_random_uuid(), 100, $2, 5000,"
        " clock_timestamp() - interval '3 seconds')",
        session["id"],
        len(data),
    )
    status, rest, _ = await depot.fetch(address, Range="bytes=60000-")
    assert (status, rest) == (206, data[60000:])
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1


async def test_F_D19_a_file_changed_on_disk_is_not_served_until_it_is_verified(depot: Depot):  # DEL-9
    data = os.urandom(MB)
    _, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    stored = depot.directory / "objects" / "kontor" / file["sha256"][:2] / file["sha256"]
    stored.write_bytes(os.urandom(MB))
    for _ in range(2):
        status, problem = await depot.get(address)
        assert (status, problem["type"]) == (503, "/problems/file-damaged")
    stored.unlink()
    assert (await depot.get(address))[0] == 503
    await depot.upload("REPAIR", data)
    assert (await depot.fetch(address))[:2] == (200, data)
    await depot.idle()
    assert (await depot.session(address))["completed_at"] is not None


# The tests below move the clock, and stand at the end.


async def test_what_is_not_complete_within_a_day_gives_its_reservation_back(depot: Depot):  # DEL-4
    _, token, file = await depot.sold(b"x" * 100, changes={"download_limit": 1})
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address, Range="bytes=0-9"))[0] == 206
    await depot.idle()
    assert (await depot.get(f"/d/{token}"))[0] == 410
    depot.home.shift_clock(24 * 3600)
    await asyncio.sleep(0.1)
    status, problem = await depot.get(address)
    assert (status, problem["type"]) == (410, "/problems/session-over")
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address))[0] == 200
    depot.home.shift_clock(24 * 3600)
    await asyncio.sleep(0.1)
    assert (await depot.get(f"/d/{token}"))[0] == 410


async def test_F_D12_a_link_expires_to_the_second_and_a_running_transfer_survives(depot: Depot):  # DEL-4 E27
    data = os.urandom(24 * MB)
    sale, token, file = await depot.sold(data, changes={"link_validity_days": 1})
    address = await depot.press(token, file["file"])
    until = (await sale.granted()).valid_until
    async with depot.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        got = await reader.readexactly(MB)
        depot.home.shift_clock((until - depot.home.clock.now()).total_seconds() - 3.0)
        await asyncio.sleep(0.1)
        assert (await depot.get(f"/d/{token}"))[0] == 200
        depot.home.shift_clock((until - depot.home.clock.now()).total_seconds())
        await asyncio.sleep(0.1)
        status, page = await depot.get(f"/d/{token}")
        assert (status, 'data-reason="expired"' in page) == (410, True)
        async with depot.home.http.post(f"/d/{token}/files/{file['file']}", allow_redirects=False) as answer:
            assert answer.status == 410
        status, problem = await depot.get(address)
        assert (status, problem["type"]) == (410, "/problems/link-expired")
        got += await reader.readexactly(len(data) - MB)
    assert sha(got) == file["sha256"]
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1
