"""Writing to a seller on a page, with files: it goes the way of a message by mail, and the answer comes by mail."""

from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.forwarding import Allowance, Forwarded
from pages.site import HTML, see
from pydantic import Field

from pages import forms, uploads
from storefront.web.account.messages import SERVICE, view
from storefront.web.front import Call, Front

routes = Routes()
# the longest message in UTF-8, its line ends as forms send them
FIELD_BYTES: Final = 80_000
SECONDS: Final = 300
# what is refused is shown beside the form, and what was typed stays in it
SHOWN: Final = (413, 422, 429, 503)
# by the reason of the relay, or what it has found: what is wrong with the files
FILES: Final = {
    "too-large": "files-too-large",
    "too_large": "files-too-large",
    "too-many-files": "files-too-many",
    "too-many-parts": "files-too-many",
    "attachment": "files-refused",
    "file": "files-refused",
    "malware": "files-infected",
}


class Message(forms.Form):
    """What is written, and under which subject; `once` is the page's own, so that pressing twice writes once."""

    subject: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    message: Annotated[str, Field(min_length=1, max_length=10_000)]
    once: UUID


@routes.post(
    "/account/messages/{conversation}/messages",
    takes=uploads.MULTIPART,
    also={200: HTML, 303: None, 404: HTML, 413: HTML, 422: HTML, 429: HTML, 503: HTML},
)
async def write(read: Read, begin: Begin, request: web.Request, front: Front, conversation: UUID) -> web.Response:
    """Send a message to the seller; what is not passed on is said beside the form, and what was typed stays."""
    call = await front.customer(read, begin, request)
    # more files than a message takes are noticed while they are passed on
    upload = await uploads.receive(request, call.visit, most_files=1000, field_bytes=FIELD_BYTES, seconds=SECONDS)
    sent = forms.understood({name: [value] for name, value in upload.fields.items()}, Message)
    if sent.model is None:
        return await view(front, call, conversation, status=422, letter=sent)
    try:
        kept = await _send(front, call, f"/conversations/{conversation}", sent.model, upload)
    except Problem as problem:
        if problem.status not in SHOWN:
            raise
        fault = FILES.get(str(problem.members.get("found", problem.members.get("reason", problem.kind))))
        refused = {} if fault is None else {"files": fault}
        return await view(
            front,
            call,
            conversation,
            status=problem.status,
            refusal=None if refused else problem,
            letter=sent.refused(refused),
            named=problem.members.get("files", ()),
        )
    return see(f"/account/messages/{conversation}?done={'held' if kept['held'] else 'written'}")


async def _send(front: Front, call: Call, path: str, message: Message, upload: uploads.Upload) -> Any:
    """Pass a message on with its files as they arrive; what the relay would not take is sent to it no further."""
    takes = await front.upstream.get(call.visit, SERVICE, f"{path}/attachments")
    text = message.message.replace("\r\n", "\n")
    fields = {"subject": message.subject, "text": text, "once": str(message.once)}
    body = Forwarded(fields, upload.files(), "file", Allowance(takes["files"], takes["octets"]))
    return await front.upstream.send(call.visit, SERVICE, "POST", f"{path}/messages/with-files", body, body.media_type)
