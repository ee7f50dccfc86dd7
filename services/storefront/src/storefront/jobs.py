"""What is done by the clock."""

from chassis.jobs import minute, sweep
from pages.sessions import remove_expired

JOBS = (sweep("remove sessions", every=10 * minute, do=remove_expired),)
