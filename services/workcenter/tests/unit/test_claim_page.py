"""The page on which a claim is decided."""

import pytest
from workcenter.web.asking import Piece

from services.workcenter.tests.unit.rendering import page
from services.workcenter.tests.unit.test_rare_pages import CLAIM


@pytest.mark.parametrize(("claimed", "words"), [("does_not_run", "Läuft nicht"), ("not_received", "Nicht erhalten")])
def test_a_decision_begins_with_what_was_claimed_and_says_so(claimed: str, words: str):
    facts = {"claim": CLAIM | {"reason": claimed}, "order": Piece("denied"), "proof": Piece("away")}
    text = page("claim.html", facts, "de")
    assert f'<option value="shown_by_buyer" selected>Was der Käufer sagt, ist belegt ({words})</option>' in text
    assert f"Vorausgewählt ist, was der Käufer geltend macht: „{words}“." in text
