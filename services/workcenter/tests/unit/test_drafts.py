"""What a draft lacks, and how a letter and the list of orders are read outside of a page."""

from typing import Any

from workcenter.domain.readiness import checklist
from workcenter.web.links import as_read
from workcenter.web.order_table import lines

TEXT = {"title": "Notizen", "summary": "", "description": "", "requirements": "", "hours": ""}


def product(*prices: int) -> dict[str, Any]:
    variant = {"sku": "N-1", "offers": [{"channel": "direct", "prices": list(prices)}]}
    return {"product": "p", "family_id": "f", "editions": [{"variants": [variant]}]}


def test_a_draft_lacks_what_nobody_has_written_hung_uploaded_or_priced():
    empty = {"texts": {"de": TEXT}, "picture": None}
    found = checklist(product(), [empty], {"N-1": False})
    assert [(one.name, one.done) for one in found] == [
        ("text", False),
        ("picture", False),
        ("file", False),
        ("price", False),
    ]
    assert [one.path for one in found] == ["/articles/p/shown/f", "/articles/p/shown/f", "/skus/N-1", "/articles/p"]
    whole = {"texts": {"de": TEXT | {"summary": "Kurz"}}, "picture": {"hash": "h"}}
    assert all(one.done for one in checklist(product(4990), [empty, whole], {"N-1": True}))
    # a box has no file
    assert [one.name for one in checklist(product(4990), [whole], {})] == ["text", "picture", "price"]
    assert [one.name for one in found if one.needed] == ["price"]


def test_a_letter_is_read_with_the_words_of_its_subject():
    subject = "=?utf-8?q?Ihre_Bestellung_f=C3=BCr?=\n =?utf-8?q?_Nina?="
    kept = f"Message-ID: <1@x>\nSubject: {subject}\nTo: n@x.example\n\nHallo\n"
    assert as_read(kept) == "Subject: Ihre Bestellung für Nina\nTo: n@x.example\n\nHallo\n"
    assert as_read("Subject: =?nonsense?q?x?=\n\nHallo") == "Subject: =?nonsense?q?x?=\n\nHallo"
    assert as_read("nothing but a text") == "nothing but a text"


def test_no_cell_of_a_table_is_a_formula():
    assert lines([["=1+1", "@x", "K-1", "a;b"]]) == "'=1+1;'@x;K-1;\"a;b\"\r\n"
