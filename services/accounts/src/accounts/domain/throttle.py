"""How long to wait after failed attempts: longer after each one."""

from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 50
KEPT = timedelta(days=30)


def wait(failures: int, latest: datetime | None, free: int, now: datetime) -> timedelta:
    """Return the time left until another attempt is admitted, after so many failures within the window."""
    if latest is None or failures < free:
        return timedelta()
    pause = min(SHORTEST * 2 ** min(failures - free, 10), LONGEST)
    return max(latest + pause - now, timedelta())
