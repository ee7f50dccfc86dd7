import asyncio
import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chassis.clock import Clock
from chassis.identity import (
    AUDIENCE,
    ISSUER,
    TOKENS_KEPT,
    Caller,
    IdentityUnavailable,
    Issuer,
    Unauthenticated,
    Verifier,
    new_signing_key,
    public_jwk,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

HOUR = timedelta(hours=1)
KEY = new_signing_key()
JWK = public_jwk(KEY, "one")


class Accounts:
    """The key set as accounts would publish it, with outages and a count of how often it was asked."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.down = False

    async def load(self) -> dict[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise IdentityUnavailable("down")
        return {"keys": self.keys}


def segment(raw: bytes | dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(raw if isinstance(raw, bytes) else json.dumps(raw).encode()).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    common = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "tenant": "t", "roles": ["r"]}
    made = {**common, "iat": now, "nbf": now, "exp": now + 60, **changed}
    return {name: value for name, value in made.items() if value is not ...}


def signed(payload: dict[str, Any] | bytes, header: dict[str, Any] | None = None, private: bytes = KEY) -> str:
    head = segment({"alg": "Ed25519", "kid": "one", "typ": "JWT"} if header is None else header)
    text = f"{head}.{segment(payload)}"
    return f"{text}.{segment(Ed25519PrivateKey.from_private_bytes(private).sign(text.encode()))}"


def verifier(accounts: Accounts | None = None, clock: Clock | None = None, **limits: float) -> Verifier:
    return Verifier((accounts or Accounts(JWK)).load, clock or Clock(), ISSUER, **limits)


@pytest.fixture
def issue() -> Callable[..., str]:
    issuer = Issuer(KEY, "one", ISSUER, Clock())

    def issue(subject: str = "somebody", lifetime: timedelta = HOUR) -> str:
        return issuer.issue(subject, "t", ["r", "s"], {"extra": {"box": "AAAA"}}, lifetime)

    return issue


async def test_an_issued_token_names_its_caller(issue: Callable[..., str]):
    caller = await verifier().verify(issue())
    assert caller == Caller("somebody", "t", frozenset({"r", "s"}), {"extra": {"box": "AAAA"}})


async def test_our_own_signed_sample_is_accepted():
    assert (await verifier().verify(signed(claims()))).subject == "somebody"


async def test_alg_none_is_refused():
    head = segment({"alg": "none", "kid": "one", "typ": "JWT"})
    for token in (f"{head}.{segment(claims())}.", f"{head}.{segment(claims())}.AAAA"):
        with pytest.raises(Unauthenticated):
            await verifier().verify(token)


async def test_an_hmac_with_the_public_key_is_refused():
    public = base64.urlsafe_b64decode(JWK["x"] + "=")
    for secret in (public, JWK["x"].encode(), json.dumps(JWK).encode()):
        key = OctKey.import_key(secret)
        token = jws.serialize_compact({"alg": "HS256", "kid": "one"}, json.dumps(claims()), key, algorithms=["HS256"])
        with pytest.raises(Unauthenticated):
            await verifier().verify(token)


async def test_a_valid_signature_under_another_alg_name_is_refused():
    for alg in ("EdDSA", "HS256", "ed25519", "", None, ["Ed25519"]):
        with pytest.raises(Unauthenticated):
            await verifier().verify(signed(claims(), {"alg": alg, "kid": "one", "typ": "JWT"}))


async def test_a_foreign_key_under_a_known_kid_is_refused():
    with pytest.raises(Unauthenticated):
        await verifier().verify(signed(claims(), private=new_signing_key()))


@pytest.mark.parametrize("kid", ["two", "", None, 1, ["one"], ...])
async def test_a_kid_that_is_not_published_is_refused(kid: Any):
    header = {"alg": "Ed25519", "kid": kid} if kid is not ... else {"alg": "Ed25519"}
    with pytest.raises(Unauthenticated):
        await verifier().verify(signed(claims(), header))


async def test_a_header_that_brings_its_own_key_or_rules_is_refused():
    foreign = new_signing_key()
    for more in (
        {"jwk": public_jwk(foreign, "one")},
        {"jku": "https://evil.example/jwks.json"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
    ):
        for private in (foreign, KEY):
            with pytest.raises(Unauthenticated):
                await verifier().verify(signed(claims(), {"alg": "Ed25519", "kid": "one", **more}, private))


async def test_a_token_with_one_changed_character_is_refused():
    head, body, signature = signed(claims()).split(".")
    forged = segment(claims(roles=["admin"]))
    for token in (f"{head}.{forged}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}."):
        with pytest.raises(Unauthenticated):
            await verifier().verify(token)


async def test_a_cached_token_lends_its_standing_to_no_other():
    check, token = verifier(), signed(claims())
    await check.verify(token)
    for other in (token + "A", token[:-4] + "AAAA", token + "=", " " + token):
        with pytest.raises(Unauthenticated):
            await check.verify(other)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "tenant", "roles", "iat", "nbf", "exp"])
@pytest.mark.parametrize("value", [..., None, 1.5, True, {}, [1]])
async def test_a_missing_or_misshapen_claim_is_refused(name: str, value: Any):
    with pytest.raises(Unauthenticated):
        await verifier().verify(signed(claims(**{name: value})))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "elsewhere"},
        {"aud": "elsewhere"},
        {"aud": ["kontor", "elsewhere"]},
        {"sub": ""},
        {"exp": 10**30, "nbf": 10**30},
        {"nbf": int(time.time()) + 60},
        {"iat": int(time.time()) + 60},
        {"exp": int(time.time())},
        {"exp": -1},
    ],
    ids=str,
)
async def test_a_token_for_somebody_else_or_another_time_is_refused(wrong: dict[str, Any]):
    with pytest.raises(Unauthenticated):
        await verifier().verify(signed(claims(**wrong)))


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b"[" * 50_000, b'{"exp": NaN}'])
async def test_a_signed_payload_that_is_no_claims_is_refused(payload: bytes):
    with pytest.raises(Unauthenticated):
        await verifier().verify(signed(payload))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "ü.ü.ü", "\ud800", "\0", "x" * 100_000, segment(b"[" * 9_000) + ".e30.AAAA"],
    ids=range(10),
)
async def test_what_is_no_token_is_refused(token: str):
    with pytest.raises(Unauthenticated):
        await verifier().verify(token)


async def test_expiry_follows_the_shifted_clock_even_for_cached_tokens(tmp_path: Path, issue: Callable[..., str]):
    shift = tmp_path / "shift"
    clock = Clock(shift)
    check, token = verifier(clock=clock), issue()
    await check.verify(token)
    shift.write_text("3601")
    clock.fresh()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await check.verify(token)


async def test_a_shift_the_issuer_has_seen_first_does_not_make_its_token_early(tmp_path: Path):
    shift = tmp_path / "shift"
    clock = Clock(shift)
    clock.now()
    shift.write_text("864000")
    token = Issuer(KEY, "one", ISSUER, Clock(shift)).issue("somebody", "t", [], {}, HOUR)
    assert (await verifier(clock=clock).verify(token)).subject == "somebody"


async def test_an_unknown_kid_is_looked_for_once_and_then_not_at_once_again():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    await check.verify(signed(claims()))
    strange = {"alg": "Ed25519", "kid": "two"}
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await check.verify(signed(claims(), strange))
    assert accounts.asked == 1


async def test_a_key_published_later_is_found():
    accounts = Accounts(JWK)
    check = verifier(accounts, look_again_seconds=0)
    await check.verify(signed(claims()))
    second = new_signing_key()
    accounts.keys.append(public_jwk(second, "two"))
    assert await check.verify(signed(claims(), {"alg": "Ed25519", "kid": "two"}, second))
    assert accounts.asked == 2


async def test_many_waiting_at_once_ask_once():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    tokens = [signed(claims(sub=str(number))) for number in range(50)]
    callers = await asyncio.gather(*(check.verify(token) for token in tokens))
    assert [caller.subject for caller in callers] == [str(number) for number in range(50)]
    assert accounts.asked == 1


async def test_a_client_that_leaves_does_not_end_the_loading_for_the_others():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    leaver, stayer = (asyncio.create_task(check.verify(signed(claims(sub=name)))) for name in "ab")
    await asyncio.sleep(0)
    leaver.cancel()
    assert (await stayer).subject == "b"
    assert accounts.asked == 1


async def test_without_any_keys_nobody_is_judged():
    accounts = Accounts(JWK)
    accounts.down = True
    check = verifier(accounts, look_again_seconds=0)
    with pytest.raises(IdentityUnavailable):
        await check.verify(signed(claims()))
    accounts.down = False
    assert await check.verify(signed(claims()))


async def test_a_malformed_key_set_is_an_outage_and_not_a_refusal():
    for keys in ([{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": "AAAA"}], ["x"], [{"kid": "one"}, None]):
        with pytest.raises(IdentityUnavailable):
            await verifier(Accounts(*keys)).verify(signed(claims()))  # pyright: ignore[reportArgumentType]


async def test_keys_of_another_use_or_kind_do_not_count():
    x25519 = {**JWK, "crv": "X25519"}
    symmetric = {"kty": "oct", "kid": "one", "k": JWK["x"]}
    for jwk in (x25519, symmetric, {**JWK, "use": "enc"}):
        with pytest.raises(Unauthenticated):
            await verifier(Accounts(jwk)).verify(signed(claims()))


async def test_known_keys_outlive_an_outage_of_accounts():
    accounts = Accounts(JWK)
    check = verifier(accounts, look_again_seconds=0, oldest_keys_seconds=0)
    await check.verify(signed(claims()))
    accounts.down = True
    for number in range(3):
        await check.verify(signed(claims(sub=str(number))))
    await asyncio.sleep(0.01)
    assert accounts.asked > 1


async def test_a_key_withdrawn_takes_its_cached_tokens_along():
    accounts = Accounts(JWK)
    check, token = verifier(accounts, look_again_seconds=0, oldest_keys_seconds=0), signed(claims())
    await check.verify(token)
    accounts.keys = [public_jwk(new_signing_key(), "two")]
    await check.verify(token)
    await asyncio.sleep(0.01)
    with pytest.raises(Unauthenticated):
        await check.verify(token)


async def test_the_cache_keeps_a_bounded_number_of_tokens(issue: Callable[..., str]):
    check = verifier()
    for number in range(TOKENS_KEPT + 10):
        await check.verify(issue(str(number)))
    assert len(check._known) == TOKENS_KEPT  # pyright: ignore[reportPrivateUsage]


def test_an_issuer_keeps_the_common_claims_to_itself():
    with pytest.raises(ValueError, match="exp"):
        Issuer(KEY, "one", ISSUER, Clock()).issue("s", "t", [], {"exp": 1}, HOUR)


def test_what_is_published_holds_no_private_half():
    private = segment(KEY)
    assert "d" not in JWK
    assert private not in json.dumps(JWK)
    assert OKPKey.import_key(JWK).is_private is False
