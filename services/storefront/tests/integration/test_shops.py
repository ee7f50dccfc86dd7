"""Shops are opened and closed while the service runs, and events make it known."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from chassis_testing import Harness
from contracts.storefront import ShopClosed, ShopOpened
from typer.testing import Result

Shop = Callable[..., Awaitable[Result]]
FILE = """
shop: {shop}
tenant: {tenant}
channel: {channel}
hosts: [{hosts}]
name: North
color: "{color}"
"""


def _file(shop: str, hosts: str, *, tenant: str = "kontor", channel: str = "direct", color: str = "#0f766e") -> str:
    return FILE.format(shop=shop, tenant=tenant, channel=channel, hosts=hosts, color=color)


async def test_a_shop_is_published_when_it_opens_and_changes_and_not_when_it_is_the_same(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    for text in (
        _file("north", "north.example"),
        _file("north", "north.example"),
        _file("north", "north.example, n.example", color="#166534"),
    ):
        done = await shop("open", text=text)
        assert done.exit_code == 0, done.output
    assert (await shop("close", "north")).exit_code == 0
    closed = await front.published(ShopClosed)
    opened = [event for event in await front.published(ShopOpened, at_least=2) if event.shop == "north"]
    assert [event.brand.color for event in opened] == ["#0f766e", "#166534"]
    assert opened[1].hosts == ["north.example", "n.example"]
    assert [(event.shop, event.channel) for event in closed] == [("north", "direct")]


async def test_a_shop_that_moves_to_another_channel_is_closed_where_it_was(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    before = len(front.log.get("ShopClosed", []))
    await shop("open", text=_file("moving", "moving.example"))
    await shop("open", text=_file("moving", "moving.example", channel="nordlicht"))
    closed = await front.published(ShopClosed, at_least=before + 1)
    assert [(event.shop, event.channel) for event in closed[before:]] == [("moving", "direct")]


async def test_what_cannot_be_opened_or_closed_is_refused_and_published_to_nobody(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    assert (await shop("open", text=_file("holder", "held.example"))).exit_code == 0
    taken = await shop("open", text=_file("other", "held.example"))
    assert (taken.exit_code, "held.example" in taken.output) == (1, True)
    nobody = await shop("open", text=_file("nobody", "nobody.example", tenant="unheard"))
    assert (nobody.exit_code, "unheard" in nobody.output) == (1, True)
    assert (await shop("close", "never")).exit_code == 1
    await front.settled()
    assert {event.shop for event in await front.published(ShopOpened)}.isdisjoint({"other", "nobody"})


LEGAL = """imprint: {{de: North GmbH, en: North Ltd}}
privacy: {{de: "# Wer\\n\\nWir.", en: We.}}
terms: {{de: "{de}", en: Terms}}
"""


async def read(front: Harness, path: str, host: str = "legal.example", language: str = "de") -> tuple[int, str]:
    headers = {"Host": host, "Accept-Language": language}
    async with front.http.get(path, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_text_that_changes_is_a_new_version_and_the_one_before_stays_to_be_read(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    file = _file("legal", "legal.example")
    first = await shop("open", text=file + LEGAL.format(de="Alte Bedingungen"))
    assert (first.exit_code, "WARNING" in first.output) == (0, False)
    again = await shop("open", text=file + LEGAL.format(de="Neue Bedingungen"))
    assert again.exit_code == 0, again.output
    rows = await front.sql("select kind, language, version from texts where shop_id = 'legal' order by 1, 2, 3")
    day = front.clock.now().date().isoformat()
    assert [(row["kind"], row["language"], row["version"]) for row in rows] == [
        ("imprint", "de", day),
        ("imprint", "en", day),
        ("privacy", "de", day),
        ("privacy", "en", day),
        ("terms", "de", day),
        ("terms", "de", f"{day}_2"),
        ("terms", "en", day),
    ]
    status, page = await read(front, "/texts/terms")
    assert (status, "Neue Bedingungen" in page, f'href="/texts/terms/{day}"' in page) == (200, True, True)
    status, page = await read(front, f"/texts/terms/{day}")
    assert (status, "Alte Bedingungen" in page, "Neue Bedingungen" in page) == (200, True, False)
    assert "<h2>Wer</h2>" in (await read(front, "/texts/privacy"))[1]
    assert "Terms" in (await read(front, "/texts/terms", language="en"))[1]
    assert (await read(front, "/texts/terms/2001-01-01"))[0] == 404
    assert (await read(front, "/texts/secrets"))[0] in (404, 422)


async def test_a_shop_without_its_texts_is_opened_with_a_warning_that_staff_sees_too(front: Harness, shop: Shop):
    await front.open_tenants("kontor", "lumen")
    opened = await shop("open", text=_file("bare", "bare.example") + "terms: {de: Bedingungen}\n")
    assert opened.exit_code == 0
    assert "lacks: imprint (de), imprint (en), privacy (de), privacy (en), terms (en)" in opened.output
    await front.settled()
    texts = {one.shop: one.brand.texts for one in await front.published(ShopOpened)}
    assert (texts["bare"], texts["legal"]) == (["terms"], ["imprint", "privacy", "terms"])

    async def seen(role: str, tenant: str = "kontor") -> tuple[int, Any]:
        headers = front.bearer(front.accounts.token(uuid4(), role, tenant=tenant))
        async with front.http.get("/shops", headers=headers) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None

    status, found = await seen("sales")
    missing = {one["shop"]: one["missing"] for one in found["items"]}
    assert (status, {"text": "terms", "language": "en"} in missing["bare"]) == (200, True)
    assert (await seen("sales", "lumen"))[1]["items"] == []
    assert [(await seen(role))[0] for role in ("customer", "partner")] == [403, 403]
    async with front.http.get("/shops") as answer:
        assert answer.status == 401
    assert (await read(front, "/texts/terms", "bare.example", "en"))[1].count("Bedingungen") >= 1
    assert (await read(front, "/texts/privacy", "bare.example"))[0] == 404


async def test_no_version_of_a_text_is_ever_changed(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    await shop("open", text=_file("kept", "kept.example") + LEGAL.format(de="Bedingungen"))
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        await front.sql("update texts set text = 'other' where shop_id = 'kept'")
