"""The tokens of the style sheet as plain colours."""

import pytest
from chassis.looks import BLACK, SHEET, WHITE, contrast, palette
from hypothesis import given
from hypothesis import strategies as some

# text on a ground, as pages and letters use them
PAIRS = [
    ("ink", "paper"),
    ("ink", "ground"),
    ("soft", "paper"),
    ("soft", "ground"),
    ("faint", "paper"),
    ("link", "paper"),
]


def test_contrast_is_what_the_guideline_says():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


def test_a_mixture_is_what_a_browser_mixes():
    # Chromium's getComputedStyle for color-mix(in srgb, #0f766e 88%, black) and (in srgb, #0f766e 9%, white)
    assert (palette("#0f766e").light["link"], palette("#0f766e").light["tint"]) == ("#0d6861", "#e9f3f2")


@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_text_without_a_brand_can_be_read(pair: tuple[str, str]):  # WCAG 2.2, 1.4.3
    for colors in (palette().light, palette().dark):
        assert contrast(colors[pair[0]], colors[pair[1]]) >= 4.5


@given(some.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_text_on_any_brand_can_be_read(color: str):
    for colors in (palette(color).light, palette(color).dark):
        assert contrast(colors["on-brand"], colors["brand"]) >= 4.5


def test_every_colour_of_the_sheet_is_known():
    assert set(palette().light) >= {"ink", "soft", "paper", "ground", "line", "link", "tint", "brand", "on-brand"}
    assert all(value.startswith("#") for value in (*palette().light.values(), *palette().dark.values()))
    assert "--ink: #16202e" in SHEET
