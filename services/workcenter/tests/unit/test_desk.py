"""Addresses that tell what became of a form."""

import pytest
from workcenter.web.desk import noted


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("/orders/1", "/orders/1?note=done-x"),
        ("/rewards?state=open", "/rewards?state=open&note=done-x"),
        ("/skus/A#report", "/skus/A?note=done-x#report"),
    ],
)
def test_a_note_is_added_to_an_address(address: str, whole: str):
    assert noted(address, "done-x") == whole
