"""Files that are retired or superseded, and contents that leave the store when nobody can need them (DEL-10)."""

import hashlib
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.db import Database
from contracts.delivery import FileReleased
from delivery.clients.objects import Objects
from delivery.store import contents
from delivery.store.contents import Removal

from services.delivery.tests.integration.conftest import Depot, Sale, received


async def article(depot: Depot, *names: str) -> tuple[str, dict[str, str]]:
    """An article with files of these names: its SKU, and their ids."""
    sku = f"SKU-{uuid4().hex[:8]}"
    for name in names:
        await depot.upload(sku, os.urandom(100), name)
    _, view = await depot.get(f"/skus/{sku}/files", depot.staff("files"))
    return sku, {file["name"]: file["file"] for file in view["items"]}


async def bought(depot: Depot, sku: str, **changes: Any) -> tuple[Sale, str]:
    """A paid order of the article, and its link's token."""
    sale = Sale(depot.home, sku, changes=changes)
    await depot.home.publish(sale.paid())
    return sale, sale.token(await sale.granted())


async def retire(depot: Depot, sku: str, name: str, query: str = "", *roles: str) -> int:
    headers = depot.staff(*(roles or ("files",)))
    return (await depot.send("DELETE", f"/skus/{sku}/files/{name}{query}", headers))[0]


async def shown(depot: Depot, token: str, *names: str) -> list[str]:
    """Which of these names a link's page shows."""
    _, page = await depot.get(f"/d/{token}")
    return [name for name in names if f"<h2>{name}</h2>" in page]


async def test_a_retired_file_stays_with_links_that_were_granted_before(depot: Depot):  # DEL-10
    sku, ids = await article(depot, "a.zip", "b.zip")
    _, before = await bought(depot, sku)
    assert await retire(depot, sku, "a.zip", "", "sales") == 403
    assert await retire(depot, sku, "c.zip") == 404
    assert await retire(depot, sku, "a.zip") == 200
    assert await retire(depot, sku, "a.zip") == 404
    sale, after = await bought(depot, sku)
    assert [file.name for file in (await sale.granted()).files] == ["b.zip"]
    assert await shown(depot, before, "a.zip", "b.zip") == ["a.zip", "b.zip"]
    assert await shown(depot, after, "a.zip", "b.zip") == ["b.zip"]
    assert (await depot.fetch(await depot.press(before, ids["a.zip"])))[0] == 200
    async with depot.home.http.post(f"/d/{after}/files/{ids['a.zip']}") as answer:
        assert answer.status == 404
    await depot.home.settled()
    released = [event for event in await depot.home.published(FileReleased) if event.sku == sku]
    assert [file.name for file in released[-1].files] == ["b.zip"]


async def test_a_file_that_is_retired_for_everybody_is_gone_and_what_arrived_stays_proven(depot: Depot):  # DEL-8
    sku, ids = await article(depot, "a.zip", "b.zip")
    sale, token = await bought(depot, sku)
    address = await depot.press(token, ids["a.zip"])
    assert (await depot.fetch(address))[0] == 200
    assert await retire(depot, sku, "a.zip", "?everybody=true") == 200
    assert await shown(depot, token, "a.zip", "b.zip") == ["b.zip"]
    status, problem = await depot.get(address)
    assert (status, problem["type"]) == (410, "/problems/file-retired")
    await depot.idle()
    _, proof = await depot.get(f"/orders/{sale.order}/downloads", depot.staff("support"))
    assert [(file["name"], bool(file["received_at"])) for file in proof["lines"][0]["files"]] == [
        ("a.zip", True),
        ("b.zip", False),
    ]


async def test_a_running_download_is_cut_when_its_file_is_retired_for_everybody(depot: Depot):  # DEL-10
    _, token, file = await depot.sold(bytes(50 * 2**20))
    address = await depot.press(token, file["file"])
    async with depot.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        assert await retire(depot, file["sku"], file["name"]) == 200
        await reader.readexactly(2**20)  # for new links alone: this one goes on
        assert await retire(depot, file["sku"], file["name"], "?everybody=true") == 200
        await depot.idle()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(file["size"])
    kept = await depot.session(address)
    assert (kept["aborts"], kept["completed_at"]) == (1, None)
    assert kept["bytes_arrived"] < file["size"]


async def test_a_file_under_another_name_goes_on_as_the_one_that_it_supersedes(depot: Depot):  # E15 DEL-4
    sku, ids = await article(depot, "setup-1.exe", "b.zip")
    _, token = await bought(depot, sku, download_limit=2)
    assert (await depot.fetch(await depot.press(token, ids["setup-1.exe"])))[0] == 200
    await depot.idle()
    new = os.urandom(100)
    await depot.upload(sku, new, "setup-2.exe", supersedes="setup-1.exe")
    assert await shown(depot, token, "setup-1.exe", "setup-2.exe") == ["setup-2.exe"]
    status, body, _ = await depot.fetch(await depot.press(token, ids["setup-1.exe"]))
    assert (status, body) == (200, new)
    await depot.idle()
    async with depot.home.http.post(f"/d/{token}/files/{ids['setup-1.exe']}") as answer:
        assert answer.status == 410
    for name, supersedes, refused in (("b.zip", "setup-2.exe", 409), ("c.zip", "setup-1.exe", 404)):
        path = f"/skus/{sku}/files/{name}?supersedes={supersedes}"
        async with depot.home.http.put(path, data=b"x", headers=depot.staff("files")) as answer:
            assert answer.status == refused


async def test_an_article_without_files_is_waited_for_until_it_has_one_again(depot: Depot):
    sku, _ = await article(depot, "a.zip")
    in_parts = Sale(depot.home, sku, units=2)
    await depot.home.publish(in_parts.paid(in_parts.unit_ids[0]))
    token = in_parts.token(await in_parts.granted())
    assert await retire(depot, sku, "a.zip", "?everybody=true") == 200
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.paid(), in_parts.paid(in_parts.unit_ids[1]))
    await depot.home.settled()
    _, view = await depot.get("/missing-files", depot.staff("files"))
    assert {one["sku"]: one["lines"] for one in view["items"]}[sku] == 2
    status, page = await depot.get(f"/d/{token}")
    assert (status, 'data-reason="retired"' in page) == (410, True)
    path = f"/grants/{(await in_parts.granted()).grant}/resend"
    assert (await depot.send("POST", path, depot.staff("support")))[0] == 410
    await depot.upload(sku, b"again", "a.zip")
    assert [file.name for file in (await sale.granted()).files] == ["a.zip"]
    assert len((await in_parts.granted(2)).files) == 1
    assert (await depot.get(f"/d/{token}"))[0] == 200


@dataclass
class Sweep:
    """The removal of contents, step by step."""

    depot: Depot
    database: Database
    objects: Objects

    async def marked(self, sha256: str) -> bool:
        """Look at what is needed: whether nobody needs this content."""
        async with self.database.begin() as tx:
            await contents.mark(tx)
        (row,) = await self.depot.home.sql("select unneeded_since from contents where sha256 = $1", sha256)
        return row["unneeded_since"] is not None

    async def claim(self, sha256: str, *, later: timedelta = timedelta(seconds=1)) -> list[Removal]:
        """Begin to remove what nobody has needed until so much later than now."""
        async with self.database.begin() as tx:
            claimed = await contents.claim(tx, tx.now + later, 1000)
        return [removal for removal in claimed if removal.content.sha256 == sha256]

    async def settle(self, removal: Removal) -> None:
        async with self.database.begin() as tx:
            await contents.removed(tx, removal)

    async def time_passes(self) -> None:
        """Let the lease of all removals end."""
        await self.depot.home.sql("update contents set removing_at = removing_at - interval '11 minutes'")

    async def rows(self, sha256: str) -> int:
        return len(await self.depot.home.sql("select from contents where sha256 = $1", sha256))

    def there(self, sha256: str) -> bool:
        return (self.depot.directory / "objects" / "kontor" / sha256[:2] / sha256).exists()


@pytest.fixture
async def sweep(depot: Depot) -> AsyncGenerator[Sweep]:
    database = Database(depot.home.database_url, "delivery", depot.home.clock)
    await database.open()
    yield Sweep(depot, database, Objects(f"file://{depot.directory}"))
    await database.close()


async def test_a_content_stays_while_a_paid_link_has_it_and_leaves_when_nobody_does(depot: Depot, sweep: Sweep):
    data = os.urandom(100)
    sha256 = hashlib.sha256(data).hexdigest()
    sku = f"SKU-{uuid4().hex[:8]}"
    await depot.upload(sku, data, "a.zip")
    sale, _ = await bought(depot, sku)
    assert not await sweep.marked(sha256)
    await retire(depot, sku, "a.zip")
    assert not await sweep.marked(sha256)
    await depot.home.publish(sale.refunded())
    await depot.home.settled()
    assert await sweep.claim(sha256) == []
    assert await sweep.marked(sha256)
    assert await sweep.claim(sha256, later=-timedelta(hours=1)) == []
    # one that dies before, and one that dies after the store was asked: it is done again
    (first,) = await sweep.claim(sha256)
    assert await sweep.claim(sha256) == []
    await sweep.time_passes()
    (second,) = await sweep.claim(sha256)
    await sweep.objects.remove("kontor", second.content)
    assert not sweep.there(sha256)
    await sweep.settle(first)
    assert await sweep.rows(sha256) == 1
    await sweep.time_passes()
    (third,) = await sweep.claim(sha256)
    await sweep.objects.remove("kontor", third.content)
    await sweep.settle(third)
    assert await sweep.rows(sha256) == 0


async def test_bytes_that_are_needed_again_are_not_removed(depot: Depot, sweep: Sweep):
    data = os.urandom(100)
    sha256 = hashlib.sha256(data).hexdigest()
    sku = f"SKU-{uuid4().hex[:8]}"
    path, headers = f"/skus/{sku}/files/b.zip", depot.staff("files")
    await depot.upload(sku, data, "a.zip")
    await retire(depot, sku, "a.zip")
    assert await sweep.marked(sha256)
    await depot.upload(sku, data, "b.zip")
    assert not await sweep.marked(sha256)
    assert await sweep.claim(sha256) == []
    await retire(depot, sku, "b.zip")
    assert await sweep.marked(sha256)
    (removal,) = await sweep.claim(sha256)
    async with depot.home.http.put(path, data=data, headers=headers) as answer:
        assert answer.status == 503
    await sweep.objects.remove("kontor", removal.content)
    await sweep.settle(removal)
    await depot.upload(sku, data, "b.zip")
    _, token = await bought(depot, sku)
    _, view = await depot.get(f"/skus/{sku}/files", headers)
    assert (await depot.fetch(await depot.press(token, view["items"][0]["file"])))[1] == data
    # whoever removed the old bytes and was late removes no new ones
    await sweep.objects.remove("kontor", removal.content)
    assert sweep.there(sha256)


async def test_what_was_stored_and_never_released_leaves_too(depot: Depot, sweep: Sweep):
    left = await received(sweep.objects, os.urandom(100))
    async with sweep.database.begin() as tx:
        await contents.expect(tx, "kontor", left.sha256, left.size)
    await sweep.objects.keep("kontor", left)
    (removal,) = await sweep.claim(left.sha256)
    await sweep.objects.remove("kontor", removal.content)
    await sweep.settle(removal)
    assert (sweep.there(left.sha256), await sweep.rows(left.sha256)) == (False, 0)


async def test_contents_leave_a_bucket_as_well(bucket: Depot):
    objects, data = Objects("s3://goods/kontor", "a secret of the store"), os.urandom(100)
    content = await objects.keep("kontor", await received(objects, data))
    for _ in range(2):
        await objects.remove("kontor", content)
        assert not await objects.sound("kontor", content)
