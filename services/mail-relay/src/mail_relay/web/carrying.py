"""Messages with files that customers write on a page, and how much of files a message takes (MAIL-7, MAIL-16)."""

import json
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller, KeyRings
from chassis.telemetry import holds_card
from chassis.web import MULTIPART, Multipart, Problem, Rate, Routes, View, card_number, malformed, multipart, unfit
from pydantic import ValidationError

from mail_relay.clients.contents import Contents
from mail_relay.clients.senders import Senders
from mail_relay.domain.admission import NotTaken, Reason
from mail_relay.domain.alias import Domains
from mail_relay.domain.attempt import Attempt
from mail_relay.domain.carried import MOST_FILES, Carried, Largest
from mail_relay.domain.policy.file_type import FileType
from mail_relay.domain.policy.limits import Limits
from mail_relay.store import policies
from mail_relay.usecases import opening
from mail_relay.web import posting
from mail_relay.web.posting import BY_PAGE, CUSTOMER, MOST_TYPED, Desk, WriteMessage, WrittenView

# of one customer, who sends files one message after the other
SENDS = Rate(20, 60)
SECONDS = 300
FIELDS = ("subject", "text", "once")
# a sign has four octets at most
MOST_OCTETS = 4 * MOST_TYPED
FILE = "file"
routes = Routes()


class AttachmentsView(View):
    """What one message may carry: so many files, of so many octets together, of these kinds by their content."""

    files: int
    octets: int
    kinds: list[FileType]


@routes.get("/conversations/{conversation}/attachments", allow=CUSTOMER)
async def view_attachments(read: Read, caller: Caller, conversation: UUID, largest: Largest) -> AttachmentsView:
    """How much a message to the seller may carry now; what a file is, is judged by what is in it."""
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    policy = await policies.in_force(read, found.tenant, read.now)
    return AttachmentsView(files=MOST_FILES, octets=largest.files, kinds=sorted(policy.files))


@routes.post(
    "/conversations/{conversation}/messages/with-files", allow=CUSTOMER, takes=(MULTIPART,), limit_caller=SENDS
)
async def write_with_files(
    request: web.Request,
    read: Read,
    begin: Begin,
    caller: Caller,
    conversation: UUID,
    contents: Contents,
    senders: Senders,
    keys: KeyRings,
    domains: Domains,
    limits: Limits,
    largest: Largest,
) -> WrittenView:
    """Write to the seller with files: `subject`, `text`, perhaps `once`, and then each file under the name `file`.

    All of it is scanned, judged and passed on like a mail with these files.
    """
    desk = Desk(read, begin, contents, senders, keys, domains, limits, largest)
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    to = await posting.recipient(desk, found)
    form = await multipart(request, most_parts=len(FIELDS) + MOST_FILES, seconds=SECONDS)
    fields, files = await _read(form, largest.files)
    if files is None:
        await posting.refuse(desk, to, Attempt(Reason.TOO_LARGE, request.content_length or largest.octets, BY_PAGE))
        raise NotTaken(Reason.TOO_LARGE)
    return await posting.written(desk, found, to, _message(fields), files)


async def _read(form: Multipart, most: int) -> tuple[dict[str, str], list[Carried] | None]:
    """Return the fields and the files of a form, None where the files are too large; raises Problem."""
    fields: dict[str, str] = {}
    files: list[Carried] = []
    left = most
    while (part := await form.next()) is not None:
        if part.file_name is None:
            if part.name not in FIELDS or part.name in fields or files:
                raise malformed()
            fields[part.name] = await part.text(MOST_OCTETS)
        elif part.name != FILE:
            raise malformed()
        elif part.file_name:
            if len(files) == MOST_FILES:
                raise too_many()
            try:
                content = await part.whole(left)
            except Problem as problem:
                if problem.status != 413:
                    raise
                return fields, None
            left -= len(content)
            files.append(Carried.read(part.file_name, part.media_type, content))
    return fields, files


def too_many() -> Problem:
    """Return the problem of more files than a message has parts."""
    return Problem(413, "too-many-files", "These are too many files for one message.", limit=MOST_FILES)


def _message(fields: dict[str, str]) -> WriteMessage:
    """Return the fields as a message; raises Problem as for one without files."""
    if cards := [f"body.{name}" for name, value in fields.items() if holds_card(value)]:
        raise card_number(*cards)
    try:
        return WriteMessage.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
    at = f"body.{fault['loc'][0]}" if fault["loc"] else "body"
    raise unfit("A field of the message does not fit.", at, str(fault["type"]))
