"""Forms as people send them."""

from typing import Annotated

from pages.forms import Sent
from pydantic import Field

from pages import forms


class Order(forms.Form):
    """Something to order."""

    name: Annotated[str, Field(min_length=1)]


def test_a_refused_form_is_shown_again_with_what_was_typed():
    sent = Sent(Order(name="Nina"), {"name": "Nina"})
    again = sent.refused({"name": "taken"})
    assert (again.model, again.typed, again.faults) == (None, {"name": "Nina"}, {"name": "taken"})
    assert sent.model is not None
