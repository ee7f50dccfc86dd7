"""Where accounts shows its pages to browsers."""

import pytest
from pages.addresses import AccountsPages


@pytest.mark.parametrize(
    ("form", "host", "origin"),
    [
        ("https://id.{host}", "shop.example", "https://id.shop.example"),
        ("https://id.{host}/", "shop.example:8443", "https://id.shop.example"),
        ("http://{host}:8101", "nordlicht.localhost:8111", "http://nordlicht.localhost:8101"),
        ("https://accounts.example", "shop.example", "https://accounts.example"),
        ("", "localhost:8111", "http://localhost:8101"),
    ],
)
def test_each_shop_has_the_pages_at_its_own_name(form: str, host: str, origin: str):
    assert AccountsPages.read(form, "http://localhost:8111", "http://127.0.0.1:8101").at(host) == origin


@pytest.mark.parametrize("form", ["id.{host}", "ftp://{host}", "https://{host}/id", "https://{name}", "https://a b"])
def test_what_is_no_origin_is_refused(form: str):
    with pytest.raises(ValueError, match="it is like"):
        AccountsPages.read(form, "https://shop.example", "https://accounts.example")
