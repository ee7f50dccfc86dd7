"""The second factor: codes by time (RFC 6238), recovery codes, and what staff may do without one."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.domain.people import CONFIRMING, CUSTOMER_ROLE, EVERYBODY

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # RFC 4226, 4 (R6)
STEPS_ASIDE = 1  # RFC 6238, 5.2: for clocks that differ, and for slow fingers
CONFIRM_WITHIN = timedelta(minutes=15)
RECOVERY_CODES = 10
# how long, and for how many wrong codes, the password need not be named again at sign-in
STEP_WITHIN = timedelta(minutes=5)
MOST_REFUSALS = 5
RECOVERY_BYTES = 15  # enough that a fast hash may keep them (OWASP ASVS 5.0, 6.5.2: 112 bits)
RECOVERY_GROUP = 4

# RFC 8176: how somebody signed in.
PASSWORD = ("pwd",)
PASSWORD_AND_CODE = ("pwd", "otp", "mfa")
SEVERAL_FACTORS = "mfa"

# The only role of staff who still have to enrol where a second factor is required.
ENROLLING = "enrolling"
ENROLLERS = (*EVERYBODY, ENROLLING)


class SecondFactorNeeded(Exception):
    """This account has a second factor: sign in with a code as well, or with a passkey."""


class SecondFactorRefused(Exception):
    """The code does not match, or has been used."""


class RecoveryCodesOutdated(Exception):
    """These recovery codes count no more, or never did; make new ones."""


class SecondStepOver(Exception):
    """This sign-in has waited too long, or was refused too often; begin anew."""


class SecondFactorPresent(Exception):
    """A second factor is enrolled already; remove it first."""


class SecondFactorAbsent(Exception):
    """No second factor is enrolled; begin anew."""


def is_timed(code: str) -> bool:
    """Return whether a compact code can be one by time; all others are recovery codes."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def steps(current: int, last: int | None) -> range:
    """Return the time steps whose codes count now; a step counts once, and none before it any more (RFC 6238, 5.2)."""
    first = current - STEPS_ASIDE
    return range(first if last is None else max(first, last + 1), current + STEPS_ASIDE + 1)


def is_unfinished(begun_at: datetime, now: datetime) -> bool:
    """Return whether an enrolment that has begun may still be confirmed."""
    return now < begun_at + CONFIRM_WITHIN


def new_recovery_codes() -> list[str]:
    """Make recovery codes of 120 random bits each, to be written down."""
    return [_grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def admitted_roles(
    roles: Iterable[str], methods: Iterable[str], *, confirmed: bool, staff_need_second_factor: bool
) -> tuple[str, ...]:
    """Return the roles of somebody who signed in by these methods.

    Staff who lack a required factor may only enrol; who has not confirmed the e-mail address may only do that.
    """
    roles = tuple(roles)
    if not confirmed:
        return (CONFIRMING,)
    if staff_need_second_factor and CUSTOMER_ROLE not in roles and SEVERAL_FACTORS not in methods:
        return (ENROLLING,)
    return roles


def _grouped(text: str) -> str:
    return "-".join(text[at : at + RECOVERY_GROUP] for at in range(0, len(text), RECOVERY_GROUP))
