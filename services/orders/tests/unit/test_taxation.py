import pytest
from orders.domain.taxation import EvidenceContradicts, NotTaxable, check_taxable


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
