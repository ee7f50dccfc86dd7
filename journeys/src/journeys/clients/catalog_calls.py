"""One call of every operation of catalog."""

import io

from PIL import Image

from journeys.clients.call import Call, Known

SETTINGS = {"link_validity_days": 30, "download_limit": 5, "key_source": "none"}
TEXT = {"title": "A title", "summary": "In short.", "description": "# More", "requirements": "- 1 GB", "hours": ""}
NEW = {
    "line": "Tools",
    "family": "Scales",
    "version": "1",
    "edition": "standard",
    "edition_name": "Standard",
    "sku": "SCALES-1-ESD",
    "fulfilment": "download",
    "rrp": 4900,
    "offers": [{"channel": "direct"}, {"channel": "nordlicht", "amount": 4500}],
}


def picture(_: Known) -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (400, 225), (128, 128, 128)).save(out, "PNG")
    return out.getvalue()


def picture_name(known: Known) -> str:
    """Return the name of the picture that was sent."""
    return f"{known['hash']}-320.webp"


CATALOG = [
    Call("list_channels", "anonymous"),
    Call(
        "list_products",
        "anonymous",
        given={"channel": "direct", "limit": 3},
        keeps={
            "product": "items.0.product",
            "subject": "items.0.family_id",
            "sku_of_product": "items.0.editions.0.variants.0.sku",
        },
    ),
    Call("view_product", "anonymous", given={"channel": "direct"}),
    Call("view_settings", given={"sku": "$sku_of_product"}),
    Call("set_settings", body=SETTINGS, given={"sku": "$sku_of_product"}),
    Call(
        "add_price",
        status=201,
        body={"sku": "$sku_of_product", "amount": 12_300},
        given={"channel": "nordlicht"},
        keeps={"price": "price"},
    ),
    Call("view_price", given={"channel": "nordlicht"}),
    Call("add_rrp", status=201, body={"amount": 12_300}, given={"sku": "$sku_of_product"}, keeps={"price": "price"}),
    Call("view_rrp", given={"sku": "$sku_of_product"}),
    Call("view_presentation"),
    Call("set_text", body=TEXT, given={"language": "de"}),
    Call("set_support", body={"contact": "help@example.org", "secure_until": "2030-12-31"}),
    Call("set_picture", body=picture, given={"alt_de": "Grau", "alt_en": "Grey"}, keeps={"hash": "picture.hash"}),
    Call("view_picture", "anonymous", given={"name": picture_name}),
    Call("take_down"),
    Call("create_product", status=201, body=NEW),
    Call("list_assortment", given={"state": "all", "sort": "price", "descending": True, "limit": 3}),
    Call("view_assorted"),
    Call("publish_draft"),
    Call("withdraw"),
]
