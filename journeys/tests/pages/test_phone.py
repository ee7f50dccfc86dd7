"""On a phone the head of a shop and the areas of an account take little of the screen."""

from .browser import Browser
from .conftest import Storefront

NARROW = 360
MEASURED = """() => {
  const tops = (found) => new Set([...found].map((one) => Math.round(one.getBoundingClientRect().top))).size;
  const areas = [...document.querySelectorAll(".tabs a")];
  const wide = document.documentElement.clientWidth;
  return {
    head: document.querySelector(".head").offsetHeight,
    rows: tops(areas),
    inSight: areas.map((one) => one.getBoundingClientRect()).every((one) => one.left >= 0 && one.right <= wide),
  };
}"""


async def test_the_head_has_two_rows_and_every_area_of_an_account_is_in_sight(front: Storefront, chromium: Browser):
    async with chromium.person("phone", width=NARROW) as person:
        await front.arrive(person)
        for path in ("/account", "/account/points", "/account/security"):
            await person.open(front.address + path)
            measured = await person.page.evaluate(MEASURED)
            assert measured["head"] <= 120, path
            assert measured["inSight"], path
            assert measured["rows"] <= 4, path
        assert await person.page.get_by_role("link", name="Warenkorb").is_visible()
