"""Acts that hurt are for those who have signed in just now (RFC 9470): whoever has found a session cannot do them."""

from datetime import datetime, timedelta
from typing import Final

from chassis.identity.tokens import Caller
from chassis.web.problems import Problem

TITLE: Final = "Sign in again, and repeat this: it is done only shortly after that."


def refuse_stale(caller: Caller, now: datetime, most: timedelta, title: str = TITLE) -> None:
    """Raise Problem 401 for a caller who has signed in longer ago than this."""
    at = caller.authenticated_at
    if at is None or now - at > most:
        raise stale(most, title)


def stale(most: timedelta, title: str = TITLE) -> Problem:
    """Return the problem that one has to sign in again, for it was too long ago or by too little (RFC 9470, 3)."""
    seconds = int(most.total_seconds())
    challenge = f'Bearer error="insufficient_user_authentication", max_age={seconds}'
    return Problem(401, "insufficient-user-authentication", title, {"WWW-Authenticate": challenge}, max_age=seconds)
