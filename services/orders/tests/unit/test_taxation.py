import pytest
from orders.domain.taxation import EvidenceContradicts, NotTaxable, check_delivery, check_taxable


@pytest.mark.parametrize("vat_id", [None, "DE123456789", "de 123 456 789"])
def test_ORD_9_a_german_sale_is_taxed(vat_id: str | None):
    evidence = check_taxable("DE", "DE", "D-51147", vat_id)
    assert evidence == ["billing address: DE", *(["VAT ID: DE"] if vat_id else [])]


@pytest.mark.parametrize(
    ("seller", "market", "postal_code", "about"),
    [
        ("AT", "DE", "51147", None),
        ("DE", "AT", "1010", "country"),
        ("DE", "DE", "78266", "postal_code"),
        ("", "DE", "51147", None),
    ],
)
def test_ORD_9_a_sale_from_or_to_elsewhere_is_not(seller: str, market: str, postal_code: str, about: str | None):
    with pytest.raises(NotTaxable) as refused:
        check_taxable(seller, market, postal_code, None)
    assert refused.value.facts.get("about") == about


@pytest.mark.parametrize(
    ("postal_code", "vat_id", "about"),
    [
        ("1010", None, "postal_code"),
        ("SW1A 1AA", None, "postal_code"),
        ("51147", "ATU12345678", "vat_id"),
        ("51147", "DE1", "vat_id"),
    ],
)
def test_ORD_9_evidence_of_another_country_is_refused(postal_code: str, vat_id: str | None, about: str):
    with pytest.raises(EvidenceContradicts) as refused:
        check_taxable("DE", "DE", postal_code, vat_id)
    assert refused.value.facts == {"about": about}


def test_ORD_9_boxes_are_taxed_where_they_are_delivered():
    assert check_delivery("DE", "D-20457") == ["delivery address: DE"]


@pytest.mark.parametrize(
    ("country", "postal_code", "refusal", "about"),
    [
        ("AT", "1010", NotTaxable, "shipping_country"),
        ("DE", "27498", NotTaxable, "shipping_postal_code"),
        ("DE", "D-78266", NotTaxable, "shipping_postal_code"),
        ("DE", "1010", EvidenceContradicts, "shipping_postal_code"),
    ],
)
def test_ORD_9_boxes_to_elsewhere_are_refused_at_their_field(
    country: str, postal_code: str, refusal: type[NotTaxable | EvidenceContradicts], about: str
):
    with pytest.raises(refusal) as refused:
        check_delivery(country, postal_code)
    assert refused.value.facts == {"about": about}
