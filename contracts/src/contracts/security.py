"""The events by which somebody learns what has happened to the way they sign in: it may have been a thief."""

from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import Field

from contracts.bounds import Count, Time
from contracts.event import Event, Internal, Part, Sealed, days

KEPT: Final = days(30)


class Factor(StrEnum):
    """What signs in beside the password, or instead of it."""

    AUTHENTICATOR = "authenticator"
    PASSKEY = "passkey"


class AccountEvent(Event, abstract=True):
    """What all of them have: whose account it is (`holder`), a customer's or of `staff`, and what is written to them.

    `shop` is the name of the tenant, `page` where staff work, nothing where letters know the page of a customer's shop.
    `browser` and `system` are what it was done with, where we have a word for it.
    """

    holder: Internal[UUID]
    happened_at: Internal[Time]
    staff: Internal[bool]
    shop: Internal[str]
    page: Internal[str] = ""
    language: Internal[str]
    name: Sealed
    email: Sealed
    browser: Internal[str | None] = None
    system: Internal[str | None] = None


_EMAIL: Final = {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "email", "box": "AAAA"}
_ACCOUNT: Final[dict[str, Any]] = {
    "tenant": "kontor",
    "holder": "0192d3a4-0000-7000-8000-000000000101",
    "happened_at": "2026-11-02T08:10:00Z",
    "staff": False,
    "shop": "Kontor",
    "page": "",
    "language": "de",
    "name": {**_EMAIL, "kind": "name"},
    "email": _EMAIL,
    "browser": "Firefox",
    "system": "Windows",
}


class SecondFactorAdded(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """An account has another way to prove whose it is: an authenticator app, or a passkey."""

    factor: Internal[Factor]

    EXAMPLE: ClassVar = {**_ACCOUNT, "factor": "authenticator"}


class SecondFactorRemoved(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """An account has lost its authenticator app or one of its passkeys, by whoever is signed in."""

    factor: Internal[Factor]

    EXAMPLE: ClassVar = {**_ACCOUNT, "factor": "passkey"}


class SecondFactorsReset(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """Staff or an operator has removed all second factors and passkeys of an account, for whoever has lost them."""

    EXAMPLE: ClassVar = {**_ACCOUNT, "browser": None, "system": None}


class RecoveryCodeUsed(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """A recovery code has counted instead of the app's; so many are `left`."""

    left: Internal[Count]

    EXAMPLE: ClassVar = {**_ACCOUNT, "left": 9}


class RecoveryCodesRenewed(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """An account has other recovery codes, and those before count no more."""

    EXAMPLE: ClassVar = _ACCOUNT


class NewDevice(Part):
    """Another browser that an account was not used with before, in words of ours, and when it came."""

    browser: Internal[str | None] = None
    system: Internal[str | None] = None
    at: Internal[Time]


class NewDeviceSignedIn(AccountEvent, key="holder", retention=KEPT, published_by="accounts"):
    """Somebody has signed in with a browser that this account was not used with before.

    Those that came within an hour of an earlier one are told of at once: the newest in the fields that all of these
    events have, those before it in `earlier`, newest first, and beyond 20 of them only how many `more`.
    """

    earlier: Internal[list[NewDevice]] = Field(default_factory=list[NewDevice])
    more: Internal[Count] = 0

    EXAMPLE: ClassVar = {
        **_ACCOUNT,
        "earlier": [{"browser": "Safari", "system": None, "at": "2026-11-02T08:05:00Z"}],
        "more": 0,
    }
