"""Words that people look for: with umlauts or without, begun, mistyped; what is there as it was typed comes first."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from chassis_testing import Harness
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]
Sales = Callable[..., dict[str, str]]
TEXT = {"title": "", "summary": "", "description": "", "requirements": "", "hours": ""}


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    return catalog


async def ask(shop: Harness, path: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
    async with shop.http.get(path, params=params, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def found(shop: Harness, search: str, channel: str = "direct", **more: Any) -> tuple[set[str], str | None]:
    answer = await ask(shop, "/products", tenant="kontor", channel=channel, search=search, **more)
    return {one["family"] for one in answer["items"]}, answer["meant"]


@pytest.mark.parametrize(
    ("typed", "family"),
    [
        ("büro", "Works"),
        ("buero", "Works"),
        ("buro", "Works"),
        ("BÜROPROGRAMME", "Office"),
        ("offi", "Office"),
        ("Office 2007", "Office"),
        ("operating vista", "Windows"),
    ],
)
async def test_it_is_found_with_umlauts_without_and_by_beginnings(shop: Harness, typed: str, family: str):
    families, meant = await found(shop, typed)
    assert family in families
    assert meant is None


@pytest.mark.parametrize(
    ("typed", "family", "as_meant"),
    [
        ("offise", "Office", "Office"),
        ("Widnows", "Windows", "Windows"),
        ("buerro", "Works", "Büro"),
        ("vsta ultimate", "Windows", "Vista ultimate"),
    ],
)
async def test_what_is_mistyped_is_found_by_what_it_may_mean_which_is_named(
    shop: Harness, typed: str, family: str, as_meant: str
):
    families, meant = await found(shop, typed)
    assert family in families
    assert meant == as_meant


@pytest.mark.parametrize("typed", ["zzzzzzzz", "& | ! ( )", ":*", "'", "off qqqqqqqq", "\\"])
async def test_what_means_nothing_finds_nothing(shop: Harness, typed: str):
    assert await found(shop, typed) == (set(), None)


async def test_what_is_there_as_it_was_typed_is_all_that_is_found(shop: Harness, sales: Sales):
    listed = (await ask(shop, "/products", tenant="kontor", channel="direct"))["items"]
    works = next(one for one in listed if one["family"] == "Works")
    body = {**TEXT, "summary": "Kein Offise-Paket."}
    path = f"/presentations/{works['family_id']}/texts/en"
    async with shop.http.put(path, json=body, headers=sales()) as answer:
        assert answer.status == 200, await answer.text()
    assert await found(shop, "offise") == ({"Works"}, None)
    async with shop.http.put(path, json=TEXT, headers=sales()) as answer:
        assert answer.status == 200, await answer.text()
    families, meant = await found(shop, "offise")
    assert ("Office" in families, meant) == (True, "Office")


async def test_a_word_that_only_another_channel_or_tenant_has_is_not_meant(shop: Harness, load: Load, assortment: str):
    hers = assortment.replace("Works", "Lumena")
    loaded = await load(hers, tenant="lumen")
    assert loaded.exit_code == 0, loaded.output
    assert await found(shop, "lumema") == (set(), None)
    other = await ask(shop, "/products", tenant="lumen", channel="direct", search="lumema")
    assert other["meant"] == "Lumena"


async def test_staff_finds_likewise_and_by_parts_of_skus(shop: Harness, sales: Sales):
    async def entries(search: str) -> tuple[set[str], str | None]:
        answer = await ask(shop, "/assortment", sales(), search=search)
        return {one["family"] for one in answer["items"]}, answer["meant"]

    families, meant = await entries("offise")
    assert ("Office" in families, meant) == (True, "Office")
    assert "Works" in (await entries("buero"))[0]
    families, meant = await entries("sta-hp")
    assert (families, meant) == ({"Windows"}, None)
    assert await entries("zzzzzzzz") == (set(), None)
