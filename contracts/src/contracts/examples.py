"""What the examples of a sale have in common: one order with one line."""

from typing import Any

SALE: dict[str, Any] = {
    "tenant": "kontor",
    "channel": "direct",
    "market": "DE",
    "seller": "kontor",
    "order": "0192d3a4-0000-7000-8000-000000000301",
    "order_number": "K-2026-000001",
    "ordered_at": "2026-11-02T09:00:00Z",
}
PROFILE, CONTACT, RECORDS = (f"0192d3a4-0000-7000-8000-00000000010{n}" for n in (2, 3, 4))
LINE: dict[str, Any] = {
    "line": "0192d3a4-0000-7000-8000-000000000302",
    "units": ["0192d3a4-0000-7000-8000-000000000303"],
    "sku": "VISTA-HP-ESD",
    "name": "Windows Vista Home Premium",
    "rrp": 21900,
    "price": 21900,
    "discount": 0,
    "tax_class": "standard",
    "tax_rate": 1900,
    "net": 18403,
    "tax": 3497,
    "gross": 21900,
    "fulfilment": "download",
    "key_source": "imported",
    "key_prefix": "",
    "link_validity_days": 30,
    "download_limit": 5,
    "deliver_from": None,
    "keys_per": "unit",
}
BOXES = {
    "keys": {
        "profile": {"key": PROFILE, "public": "AAAA"},
        "contact": {"key": CONTACT, "public": "AAAA"},
    },
    "name_profile": {"key": PROFILE, "kind": "name", "box": "AAAA"},
    "email_profile": {"key": PROFILE, "kind": "email", "box": "AAAA"},
    "company_profile": None,
    "name_contact": {"key": CONTACT, "kind": "name", "box": "AAAA"},
    "email_contact": {"key": CONTACT, "kind": "email", "box": "AAAA"},
}
SELLER = {
    "legal_name": "Kontor Software GmbH",
    "address": "Speicherstadt 1, 20457 Hamburg, Germany",
    "vat_id": "DE136695976",
    "email": "service@kontor.example",
    "telephone": "+49 40 5550100",
}
