import pytest
from orders.domain.taxation import EvidenceContradicts, NotTaxable, check_taxable


@pytest.mark.parametrize("vat_id", [None, "DE123456789", "de 123 456 789"])
def test_ORD_9_a_german_sale_is_taxed(vat_id: str | None):
    evidence = check_taxable("DE", "DE", "D-51147", vat_id)
    assert evidence == ["billing address: DE", *(["VAT ID: DE"] if vat_id else [])]


@pytest.mark.parametrize(
    ("seller", "market", "postal_code"),
    [("AT", "DE", "51147"), ("DE", "AT", "1010"), ("DE", "DE", "78266"), ("", "DE", "51147")],
)
def test_ORD_9_a_sale_from_or_to_elsewhere_is_not(seller: str, market: str, postal_code: str):
    with pytest.raises(NotTaxable):
        check_taxable(seller, market, postal_code, None)


@pytest.mark.parametrize(
    ("postal_code", "vat_id"), [("1010", None), ("SW1A 1AA", None), ("51147", "ATU12345678"), ("51147", "DE1")]
)
def test_ORD_9_evidence_of_another_country_is_refused(postal_code: str, vat_id: str | None):
    with pytest.raises(EvidenceContradicts):
        check_taxable("DE", "DE", postal_code, vat_id)
