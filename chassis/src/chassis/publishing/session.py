"""The settings of the database session on which the relay reads the outbox."""

from typing import Final

# Nobody waits for the disk: a deletion that a crash undoes has its record sent again, as it was. And the first rows are
# found by their key, however many there are: a plan that was made while there were few would read and sort all of them
# for each thousand.
RELAY_SESSION: Final = {
    "synchronous_commit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
}
