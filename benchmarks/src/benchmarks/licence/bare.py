"""Validate keys with a handler written by hand.

Usage: DATABASE_URL= HTTP_PORT= LICENSE_KEY_FILE= python -m benchmarks.licence.bare
"""

import os
from pathlib import Path

import orjson
from aiohttp import web
from chassis.lists import typed
from licensing.domain.keys import KeyMistyped, forms
from licensing.store.licenses import BY_FINGERPRINT
from licensing.usecases.vault import Vault

from benchmarks.reference import Pool, serve

NEEDED = {"license_key", "tenant"}
ALLOWED = {*NEEDED, "sku"}
LONGEST = {"license_key": 250, "sku": 64, "tenant": 64}


def routes(app: web.Application, pool: Pool) -> None:
    """Add one route, with licensing's own statement and rules of keys."""
    vault = Vault.from_file(Path(os.environ["LICENSE_KEY_FILE"]))

    async def validate(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        if not body.keys() <= ALLOWED or not body.keys() >= NEEDED:
            return web.Response(status=422)
        if any(not isinstance(text, str) or not 1 <= len(text) <= LONGEST[name] for name, text in body.items()):
            return web.Response(status=422)
        try:
            meant, otherwise = forms(typed(body["license_key"])), "unknown"
        except KeyMistyped as mistyped:
            meant, otherwise = mistyped.forms, "mistyped"
        rows = await pool.fetch(BY_FINGERPRINT, [vault.fingerprint(form) for form in meant], body["tenant"])
        if not rows:
            return verdict(otherwise)
        fitting = [row for row in rows if "sku" not in body or row["sku"] == body["sku"]]
        if not fitting:
            return verdict("other_product")
        kept = [row for row in fitting if not row["revoked"]]
        if not kept:
            return verdict("revoked")
        return verdict("suspended" if all(row["suspended"] for row in kept) else "valid")

    app.router.add_post("/validate", validate)


def verdict(code: str) -> web.Response:
    """Return a verdict as JSON."""
    return web.Response(body=orjson.dumps({"valid": code == "valid", "code": code}), content_type="application/json")


if __name__ == "__main__":
    serve(routes)
