"""The way back from the address of a form, where somebody lands who signs in again, or types it, or reloads."""

from typing import Final

from aiohttp import web

NOT_FOR_GET: Final = 405


async def page_above(request: web.Request) -> str | None:
    """Return the path of the nearest page above an address that only takes forms; None where nobody looks for one.

    A form's answer stands at the form's own address, and a browser that asks for that once more, without the form,
    is better led to the page than refused.
    """
    path = request.path
    while request.method in ("GET", "HEAD") and path != "/":
        path = path.rstrip("/").rpartition("/")[0] or "/"
        found = await request.app.router.resolve(request.clone(method="GET", rel_url=path))
        if found.http_exception is None:
            return path
    return None
