"""QR codes of transfers (EPC069-12) as tests compare them."""

import base64
import re
from typing import Any
from urllib.parse import unquote

import segno

from .house import IBAN


def qr_of(view: Any) -> str:
    """Return what the picture shows that a customer gets."""
    kind, _, picture = view["epc_qr"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    return _path(base64.b64decode(picture).decode() if kind.endswith("base64") else unquote(picture))


def qr_of_transfer(reference: str, euros: str) -> str:
    """Return what a picture has to show for this transfer."""
    payload = f"BCD\n002\n1\nSCT\nCOBADEFFXXX\nKontor Software GmbH\n{IBAN}\nEUR{euros}\n\n{reference}"
    expected = segno.make_qr(payload.encode(), error="m", boost_error=False)
    return _path(unquote(expected.svg_data_uri(scale=4, border=4)))


def _path(svg: str) -> str:
    found = re.search(r"""<path[^>]* d=["']([^"']+)["']""", svg)
    assert found is not None
    return found[1]
