"""On a phone the head of a shop and the areas of an account take little of the screen."""

from .browser import Browser
from .conftest import Storefront

NARROW = 360
MEASURED = """() => {
  const tops = (found) => new Set([...found].map((one) => Math.round(one.getBoundingClientRect().top))).size;
  const here = document.querySelector(".tabs [aria-current]").getBoundingClientRect();
  return {
    head: document.querySelector(".head").offsetHeight,
    rows: tops(document.querySelectorAll(".tabs a")),
    inSight: here.left >= 0 && here.right <= document.documentElement.clientWidth,
  };
}"""


async def test_the_head_has_two_rows_and_the_areas_of_an_account_one(front: Storefront, chromium: Browser):
    async with chromium.person("phone", width=NARROW) as person:
        await front.arrive(person)
        for path in ("/account", "/account/points", "/account/security"):
            await person.open(front.address + path)
            measured = await person.page.evaluate(MEASURED)
            assert measured["head"] <= 120, path
            assert (measured["rows"], measured["inSight"]) == (1, True), path
        assert await person.page.get_by_role("link", name="Warenkorb").is_visible()
