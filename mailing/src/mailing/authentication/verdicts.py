"""The words in which results are given (RFC 8601 2.7)."""

from enum import StrEnum


class Verdict(StrEnum):
    """One result; only `pass` proves anything."""

    PASS = "pass"  # noqa: S105 -- a word of RFC 8601
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    POLICY = "policy"
    """A signature may be right, but leaves open what was added later, or protects less than we ask."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
