"""Messages that a generator makes of the corpus: none shows what is hidden, each that is refused has a reason."""

import pytest
from mail_relay.domain.rewriting import Refused, leaks, rewrite

from .building import OWN, SECRETS, WAY
from .mutating import mutation
from .test_corpus import assert_sound, shown


def assert_kept(seed: int):
    """Assert that the message of a seed is refused by name, or shows nothing hidden but what its author says."""
    made = mutation(seed)
    try:
        rewritten = rewrite(made.raw, WAY)
    except Refused:
        assert not made.whole, seed
        return
    assert_sound(rewritten.raw)
    if made.whole:
        assert not leaks(rewritten.raw, SECRETS), seed
        assert OWN in shown(rewritten.raw), seed
    else:
        # the address itself may have been broken, and who can tell then what it was; the header shows nothing of it
        assert not leaks(rewritten.raw.partition(b"\r\n\r\n")[0], SECRETS), seed


@pytest.mark.parametrize("hundred", range(3))
def test_no_mutation_shows_what_is_hidden(hundred: int):  # F-M07, F-M24
    for seed in range(hundred * 100, hundred * 100 + 100):
        assert_kept(seed)


@pytest.mark.torture
@pytest.mark.parametrize("thousand", range(1, 11))
def test_none_of_10_000_mutations_shows_what_is_hidden(thousand: int):  # F-M07, F-M24
    for seed in range(thousand * 1000, thousand * 1000 + 1000):
        assert_kept(seed)
