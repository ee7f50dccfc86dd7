"""Recovery codes as a file: the page that shows them once sends them back, and nothing of them is kept here."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from aiohttp import web
from chassis.web import Problem
from pydantic import Field, TypeAdapter, ValidationError

from pages import forms
from pages.visit import Visit

HEADERS: Final = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Disposition": 'attachment; filename="recovery-codes.txt"',
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
Code = Annotated[str, Field(pattern=r"^[A-Z2-7]{4}(-[A-Z2-7]{4}){5}$")]
CODES: Final = TypeAdapter[list[str]](Annotated[list[Code], Field(min_length=1, max_length=10)])


async def sent_codes(request: web.Request, visit: Visit) -> list[str]:
    """Return the codes that a visitor's form sends back; raises Problem for whatever is none, and as forms do."""
    found = await forms.fields(request, visit)
    try:
        return CODES.validate_python(found.get("recovery_code", []))
    except ValidationError:
        raise Problem(422, "recovery-codes-malformed", "These are no recovery codes. Make new ones.") from None


def answer(words: Mapping[str, Any], site_name: str, codes: Sequence[str]) -> web.Response:
    """Return the file: what it is, for whom, and a code in each line, as every text editor shows it."""
    text = words["recovery_file"]
    lines = [text["title"].format(site=site_name), "", text["means"], "", *codes, "", text["keep"], ""]
    return web.Response(text="\r\n".join(lines), headers=HEADERS)
