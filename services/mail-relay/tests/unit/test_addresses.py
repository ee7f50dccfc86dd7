"""Addresses of commands that are read without a parser."""

from aiosmtpd.smtp import SMTP
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_relay.smtp.session import PLAIN_ADDRESS


class Reader(SMTP):
    def read(self, text: str) -> tuple[str | None, str | None]:
        return self._getaddr(text)


READER = Reader.__new__(Reader)  # of a session there is nothing in it


@settings(max_examples=50, deadline=None)
@given(st.from_regex(PLAIN_ADDRESS, fullmatch=True))
def test_an_address_that_is_spelt_plainly_is_what_a_parser_reads(text: str):
    found = PLAIN_ADDRESS.fullmatch(text)
    assert found
    assert (found[1], found[2] or "") == READER.read(text)


def test_whatever_else_is_left_to_the_parser():
    for text in ("", "<>", "a@b.example", '<"a b"@c.example>', "<a@[192.0.2.1]>", "<@x.example:a@b.example>"):
        assert PLAIN_ADDRESS.fullmatch(text) is None
    for text in ("<a@b.example>(note)", "<a@b.example> (note) SIZE=1", "<ä@b.example>", "<a..b@c.example>"):
        assert PLAIN_ADDRESS.fullmatch(text) is None
