"""The memory of large messages goes back to the system as soon as it is free."""

import contextlib
import ctypes

_MMAP_THRESHOLD = -3
LARGE = 2**17


def return_large_blocks() -> None:
    """Have the C library take each block of 128 KiB or more from the system, and give it back by itself.

    That is where GNU's begins, but it raises this bound to the largest block that is freed, and keeps what is smaller
    in a heap of each thread: a few messages of 10 MB would hold many times their size. Other libraries raise nothing.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE)
