"""Customers: whom saved payment methods belong to."""

from . import form, method
from .event import emit
from .provider import Provider
from .shapes import Json, new_id, now

KIND = "customer"
PARAMETERS = {"description", "email", "metadata", "name", "phone", "preferred_locales"}


def make(provider: Provider, *, email: str | None, name: str | None, description: str | None = None,
         phone: str | None = None, metadata: dict[str, str] | None = None) -> Json:  # fmt: skip
    """Enters a customer."""
    customer: Json = {
        "id": new_id("cus", 14),
        "object": KIND,
        "address": None,
        "balance": 0,
        "created": now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": description,
        "discount": None,
        "email": email,
        "invoice_prefix": new_id("", 8).strip("_").upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata or {},
        "name": name,
        "next_invoice_sequence": 1,
        "phone": phone,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    provider.state.save(customer)
    emit(provider, "customer.created", customer)
    return customer


def create(provider: Provider, params: Json) -> Json:
    """Enters a customer for a call."""
    form.known(params, PARAMETERS)
    return make(
        provider,
        email=form.text(params, "email"),
        name=form.text(params, "name"),
        description=form.text(params, "description"),
        phone=form.text(params, "phone"),
        metadata=form.metadata(params),
    )


def delete(provider: Provider, customer: Json) -> Json:
    """Removes a customer for good, and the saved methods with it."""
    for saved in method.of_customer(provider, customer["id"]):
        saved["customer"] = None
        provider.state.save(saved)
    gone: Json = {"id": customer["id"], "object": KIND, "deleted": True}
    provider.state.save(gone)
    emit(provider, "customer.deleted", customer)
    return gone


def deleted(provider: Provider, customer: str) -> bool:
    """Tells whether a customer was removed, for whom nothing can be saved any more."""
    return bool(provider.need(KIND, customer, KIND).get("deleted"))
