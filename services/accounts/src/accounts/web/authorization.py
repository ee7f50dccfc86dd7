"""How clients let their customers sign in here: authorization code with PKCE (RFC 6749, 7636, 8414, 9207, 9700)."""

from typing import Annotated, Literal
from urllib.parse import parse_qs

import orjson
from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, View, not_found, raw_body
from pages.forms import FORM
from pages.site import see
from pydantic import Field

from accounts.domain.authorization import LANGUAGES, LONGEST_HINT, PURPOSES, Asked, RequestUnfit, Workcenter
from accounts.store import clients
from accounts.usecases import authorizing, sessions
from accounts.usecases.tokens import TokenIssuer
from accounts.web.limits import RefreshRate
from accounts.web.reception import Reception, at, lead_back

routes = Routes()
Text = Annotated[str, Field(max_length=4000)]
CODE, REFRESH = "authorization_code", "refresh_token"
LARGEST = 8192
MOST_FIELDS = 20
NEEDED = {CODE: ("code", "client_id", "redirect_uri", "code_verifier"), REFRESH: (REFRESH, "client_id")}
PAGES = {
    "create": "register",
    "forgotten": "forgotten",
    "password": "password",
    "invited": "invitation",
    "joining": "joining",
}


class TokensAnswer(View):
    """What a client gets for a code or a refresh token (RFC 6749, 5.1); who it is of stands beside."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- how the token is used
    expires_in: int
    refresh_token: str
    subject: str
    must_enrol: bool
    must_confirm: bool


class TokenError(View):
    """Why there are no tokens (RFC 6749, 5.2)."""

    error: Literal["invalid_request", "invalid_grant", "unsupported_grant_type"]


class Metadata(View):
    """What clients may know of this server (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = (CODE, REFRESH)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    authorization_response_iss_parameter_supported: bool = True
    prompt_values_supported: tuple[str, ...] = ("login", "create", "forgotten", "password", "invited", "joining")
    ui_locales_supported: tuple[str, ...] = LANGUAGES


@routes.get("/authorize", also={303: None})
async def authorize(
    read: Read,
    request: web.Request,
    reception: Reception,
    client_id: Text = "",
    redirect_uri: Text = "",
    response_type: Text = "",
    code_challenge: Text = "",
    code_challenge_method: Text = "",
    state: Text = "",
    prompt: Text = "",
    max_age: Text = "",
    ui_locales: Text = "",
    scope: Text = "",
    login_hint: Text = "",
    nonce: Text = "",
    purpose: Text = "",
) -> web.Response:
    """Ask whoever uses the browser to sign in; where the client or its address is unknown, nobody is led back.

    Everybody signs in anew, however short `max_age` is: nothing is remembered here of who has signed in. `prompt` is
    `create` for whoever has no account yet, `forgotten` for whoever has no password any more, `password` for whoever
    wants another one, `invited` for staff who have none yet, `joining` for whoever was invited to an organisation, with
    the code of the letter as `login_hint`.

    `purpose` is for what one signs in, which the page names: `checkout`, `privacy` or `security`, or `named` where
    staff has named its tenant. With `prompt=login` somebody does so once more, and `login_hint` may be what
    `/me/sign-in-hint` gives; what else stands there is of no use.
    """
    language = ui_locales.partition(" ")[0].partition("-")[0]
    language = language if language in LANGUAGES else ""
    purpose = purpose if purpose in PURPOSES else "again" if prompt == "login" else ""
    hint = login_hint if prompt != "joining" and len(login_hint) <= LONGEST_HINT else ""
    asked = Asked(client_id, redirect_uri, code_challenge, state, language, purpose, hint)
    call = await reception.call(read, request, asked)
    if response_type != "code":
        return lead_back(call, error="unsupported_response_type")
    if code_challenge_method != "S256":
        return lead_back(call, error="invalid_request")
    try:
        asked.check()
    except RequestUnfit as unfit:
        return lead_back(call, error=unfit.error)
    if prompt == "none":
        return lead_back(call, error="login_required")
    more = {"invitation": login_hint[:64]} if prompt == "joining" else {}
    return see(at(PAGES.get(prompt, "sign-in"), call, **more))


@routes.post("/token", takes=(FORM,), limit=RefreshRate, also={200: TokensAnswer, 400: TokenError})
async def token(begin: Begin, request: web.Request, issuer: TokenIssuer, workcenter: Workcenter) -> web.Response:
    """Trade a code, or a refresh token, for tokens; both count once, and whoever brings one again ends its session."""
    body = await raw_body(request, LARGEST, FORM)
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return _refused("invalid_request")
    if any(len(values) > 1 or "\0" in values[0] for values in found.values()):
        return _refused("invalid_request")
    fields = {name: values[0] for name, values in found.items()}
    grant = fields.get("grant_type", "")
    if grant not in NEEDED:
        return _refused("unsupported_grant_type")
    if not all(fields.get(name) for name in NEEDED[grant]):
        return _refused("invalid_request")
    async with begin() as tx:
        if grant == CODE:
            asker = authorizing.Asker(fields["client_id"], fields["redirect_uri"])
            verifier = fields["code_verifier"]
            result = await authorizing.trade(tx, fields["code"], asker, verifier, issuer, workcenter)
        else:
            result = await authorizing.go_on(tx, fields[REFRESH], fields["client_id"], issuer)
    return _refused("invalid_grant") if isinstance(result, Exception) else _answer(result)


@routes.get("/.well-known/oauth-authorization-server")
async def metadata(read: Read, request: web.Request, reception: Reception) -> Metadata:
    """Tell clients what there is, at the names of shops alone."""
    hosts = {*await clients.all_hosts(read), *reception.workcenter.hosts}
    known = {reception.pages.at(host) for host in hosts}
    issuer = next((one for one in known if one.partition("://")[2] == request.host.lower()), None)
    if issuer is None:
        raise not_found()
    return Metadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
    )


def _answer(tokens: sessions.Tokens) -> web.Response:
    view = TokensAnswer(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in,
        refresh_token=tokens.refresh_token,
        subject=str(tokens.subject),
        must_enrol=tokens.must_enrol,
        must_confirm=tokens.must_confirm,
    )
    return _json(200, view)


def _refused(error: Literal["invalid_request", "invalid_grant", "unsupported_grant_type"]) -> web.Response:
    return _json(400, TokenError(error=error))


def _json(status: int, view: View) -> web.Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    body = orjson.dumps(view.model_dump(mode="json"))
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
