"""The second step of signing in: who has named the right password is asked for the code alone, for some minutes."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace

from chassis.db import Tx

from accounts.domain.authorization import Asked, Client, NotACustomer
from accounts.domain.device import Device
from accounts.domain.people import Throttled
from accounts.domain.second_factor import MOST_REFUSALS, STEP_WITHIN, SecondFactorRefused, SecondStepOver
from accounts.domain.tokens import hashed
from accounts.store import logins, second_factors
from accounts.store import second_steps as store
from accounts.usecases import authorizing, signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer


@dataclass(frozen=True, slots=True)
class Answer:
    """A code, for the sign-in that has begun in this browser: `step` is what the page sends back."""

    step: str = field(repr=False)
    code: str = field(repr=False)
    browser: str = field(repr=False)
    network: str = field(repr=False)
    device: Device


async def begin(
    tx: Tx, attempt: signing_in.Attempt, client: Client, browser: str, new_password_hash: str | None = None
) -> str | None:
    """Let this browser send the code alone; None where no code can help, for there is no app that makes one.

    The password of the attempt must have been right. Where another one was chosen, it counts with the code.
    """
    login = attempt.login
    if not attempt.password_right or login is None:
        return None
    current = await logins.by_subject(tx, attempt.tenant, login.subject_id)
    if current is None or await second_factors.enrolment(tx, attempt.tenant, login.subject_id) is None:
        return None
    if current.password_hash != login.password_hash:
        return None
    text = secrets.token_urlsafe(32)
    digest, until = _digest(login.password_hash), tx.now + STEP_WITHIN
    step = store.SecondStep(hashed(browser), client.id, login.subject_id, digest, new_password_hash, until)
    await store.add(tx, attempt.tenant, hashed(text), step)
    return text


async def finish(
    tx: Tx, answer: Answer, kms: KeyManagement, issuer: TokenIssuer, client: Client, asked: Asked
) -> str | SecondStepOver | SecondFactorRefused | Throttled | NotACustomer:
    """Give a code of authorization for the code of an app, once; after some refusals one starts again.

    Nothing is learnt by whoever has the text of another browser, or one that is over: the answer is the same.
    """
    tenant, step_hash = client.tenant, hashed(answer.step)
    step = await store.lock(tx, tenant, step_hash)
    if step is None or step.expires_at <= tx.now or step.client_id != client.id:
        return SecondStepOver()
    if not hmac.compare_digest(step.browser_hash, hashed(answer.browser)):
        return SecondStepOver()
    attempt = await signing_in.reauthenticate(tx, tenant, step.subject_id, answer.network, kms)
    if isinstance(attempt, Throttled):
        return attempt
    login = await logins.by_subject(tx, tenant, step.subject_id)
    right = login is not None and hmac.compare_digest(step.password_digest, _digest(login.password_hash))
    attempt = replace(attempt, login=login, password_right=right, device=answer.device)
    if step.new_password_hash is None:
        result = await authorizing.by_password(tx, attempt, answer.code, None, kms, issuer, client, asked)
    else:
        new_hash = step.new_password_hash
        result = await authorizing.by_new_password(tx, attempt, answer.code, new_hash, kms, issuer, client, asked)
    if isinstance(result, SecondFactorRefused) and step.refusals + 1 < MOST_REFUSALS:
        await store.refuse(tx, tenant, step_hash)
        return result
    await store.use(tx, tenant, step_hash)
    return result if isinstance(result, str | NotACustomer) else SecondStepOver()


def _digest(password_hash: str | None) -> bytes:
    return hashlib.sha256((password_hash or "").encode()).digest()
