"""The page for the code of an app: who has named the right password is not asked for it again."""

from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field, TypeAdapter, ValidationError

from accounts.domain.people import Throttled
from accounts.domain.second_factor import SecondFactorRefused, SecondStepOver
from accounts.usecases import second_steps
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies
from accounts.web.authorization_pages import FORM, REFUSALS, Packed, sign_in_page
from accounts.web.reception import Reception, at, lead_back, step_page
from pages import forms

routes = Routes()
CODE = TypeAdapter[str](bodies.CodeText)


class Code(forms.Form):
    """A code of the app, or a recovery code, and what the page has sent along; what they hold is judged later."""

    step: Annotated[str, Field(max_length=64, repr=False)] = ""
    code: Annotated[str, Field(max_length=1000, repr=False)] = ""


@routes.get("/authorize/code", also={303: None})
async def view_step(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """Lead whoever comes here by an address to the beginning: the page follows on the password alone."""
    return see(at("sign-in", await reception.receive(read, http, request)))


@routes.post("/authorize/code", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def finish_sign_in(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    kms: KeyManagement,
    issuer: TokenIssuer,
    party: RelyingParty,
    request: Packed = "",
) -> web.Response:
    """Go back to the shop signed in; a wrong code can be mended here, and after some the sign-in begins anew."""
    call = await reception.receive(read, http, request)
    sent = await forms.read(http, call.visit, Code, secret=frozenset(Code.model_fields))
    reception.count(http, reception.sign_ins)
    form = sent.model or Code()
    try:
        CODE.validate_python(form.code)
    except ValidationError:
        return step_page(reception, call, form.step, status=422, refusal="second-factor-refused")
    network = reception.attempts.network(http)
    answer = second_steps.Answer(form.step, form.code, call.visit.visitor, network, reception.attempts.device(http))
    async with begin() as tx:
        result = await second_steps.finish(tx, answer, kms, issuer, call.client, call.asked)
    if isinstance(result, str):
        return lead_back(call, code=result)
    if isinstance(result, Throttled):
        return step_page(reception, call, form.step, status=429, refusal="throttled")
    if isinstance(result, SecondFactorRefused):
        return step_page(reception, call, form.step, status=401, refusal=REFUSALS[type(result)])
    refusal = "second-step-over" if isinstance(result, SecondStepOver) else REFUSALS[type(result)]
    return await sign_in_page(read, reception, call, party, status=401, refusal=refusal)
