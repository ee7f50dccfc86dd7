"""Signs webhooks the way Stripe does."""

import hashlib
import hmac


def sign(body: bytes, secret: str, at: int) -> str:
    """Renders the Stripe-Signature header: HMAC-SHA256 over time and body, keyed with the endpoint's secret."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"
