"""What was typed stands sealed in an address: for one browser and one page, and of use to nobody else."""

import re

from pages.sealed import seal, unseal
from pages.visit import Visit, new_visitor

TYPED = {"purpose": "Beschwerde von Nina Neu", "cursor": ""}


def somebody() -> Visit:
    return Visit(visitor=new_visitor(), fresh=False, language="de", address="", path="/", origin="https://desk.example")


def test_what_was_typed_comes_back_to_the_browser_and_page_that_it_is_for():
    me = somebody()
    sealed = seal(me, "/orders/1/messages", TYPED)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", sealed)
    assert unseal(me, "/orders/1/messages", sealed) == TYPED


def test_it_opens_for_no_other_browser_and_no_other_page():
    me = somebody()
    sealed = seal(me, "/orders/1/messages", TYPED)
    assert unseal(somebody(), "/orders/1/messages", sealed) is None
    assert unseal(me, "/orders/2/messages", sealed) is None


def test_what_nobody_has_sealed_is_nothing():
    for text in ("", "a", "abc", "A" * 60, "-_" * 40):
        assert unseal(somebody(), "/", text) is None
