"""Accounts' published signing keys are loaded, cached and replaced."""

import asyncio
from typing import Any

import pytest
from chassis.config.clock import Clock
from chassis.identity.tokens import TOKENS_KEPT, IdentityUnavailable, Unauthenticated, Verifier
from chassis_testing.tokens import new_signing_key, signed_token

KEY, OTHER = new_signing_key("one"), new_signing_key("two")
JWK: dict[str, Any] = dict(KEY.as_dict())


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


def verifier(accounts: Accounts, **limits: float) -> Verifier:
    return Verifier(accounts.load, Clock(), "probe", **limits)


async def test_an_unknown_kid_is_looked_for_once_and_then_not_at_once_again():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    await check.verify(signed_token(KEY, "x"))
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await check.verify(signed_token(OTHER, "x"))
    assert accounts.asked == 1


async def test_a_key_published_later_is_found():
    accounts = Accounts(JWK)
    check = verifier(accounts, look_again_seconds=0)
    await check.verify(signed_token(KEY, "x"))
    accounts.keys.append(dict(OTHER.as_dict()))
    assert await check.verify(signed_token(OTHER, "x"))
    assert accounts.asked == 2


async def test_many_waiting_at_once_ask_once():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    tokens = [signed_token(KEY, str(number)) for number in range(50)]
    callers = await asyncio.gather(*(check.verify(token) for token in tokens))
    assert [caller.subject for caller in callers] == [str(number) for number in range(50)]
    assert accounts.asked == 1


async def test_a_client_that_leaves_does_not_end_the_loading_for_the_others():
    accounts = Accounts(JWK)
    check = verifier(accounts)
    leaver, stayer = (asyncio.create_task(check.verify(signed_token(KEY, name))) for name in "ab")
    await asyncio.sleep(0)
    leaver.cancel()
    assert (await stayer).subject == "b"
    assert accounts.asked == 1


async def test_without_any_keys_nobody_is_judged():
    accounts = Accounts(JWK)
    accounts.down = True
    check = verifier(accounts, look_again_seconds=0)
    with pytest.raises(IdentityUnavailable):
        await check.verify(signed_token(KEY, "x"))
    accounts.down = False
    assert await check.verify(signed_token(KEY, "x"))


async def test_a_malformed_key_set_is_an_outage_and_not_a_refusal():
    for keys in ([{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": "AAAA"}], ["x"], [{"kid": "one"}, None]):
        with pytest.raises(IdentityUnavailable):
            await verifier(Accounts(*keys)).verify(signed_token(KEY, "x"))  # pyright: ignore[reportArgumentType] -- as much of one as is asked for


async def test_keys_of_another_use_or_kind_do_not_count():
    x25519 = {**JWK, "crv": "X25519"}
    symmetric = {"kty": "oct", "kid": "one", "k": JWK["x"]}
    for jwk in (x25519, symmetric, {**JWK, "use": "enc"}):
        with pytest.raises(Unauthenticated):
            await verifier(Accounts(jwk)).verify(signed_token(KEY, "x"))


async def test_known_keys_outlive_an_outage_of_accounts():
    accounts = Accounts(JWK)
    check = verifier(accounts, look_again_seconds=0, oldest_keys_seconds=0)
    await check.verify(signed_token(KEY, "x"))
    accounts.down = True
    for number in range(3):
        await check.verify(signed_token(KEY, str(number)))
    await asyncio.sleep(0.01)
    assert accounts.asked > 1


async def test_a_key_withdrawn_takes_its_cached_tokens_along():
    accounts = Accounts(JWK)
    check, known = verifier(accounts, look_again_seconds=0, oldest_keys_seconds=0), signed_token(KEY, "x")
    await check.verify(known)
    accounts.keys = [dict(OTHER.as_dict())]
    await check.verify(known)
    await asyncio.sleep(0.01)
    with pytest.raises(Unauthenticated):
        await check.verify(known)


async def test_the_cache_keeps_a_bounded_number_of_tokens():
    check = verifier(Accounts(JWK))
    for number in range(TOKENS_KEPT + 10):
        await check.verify(signed_token(KEY, str(number)))
    assert len(check._verified) == TOKENS_KEPT  # pyright: ignore[reportPrivateUsage] -- the bound itself is what is tried
