"""What a training step frees is kept for the next one: glibc else gives large tensors back, and their pages are cleared again each time."""

import ctypes

# mallopt's numbers and values (malloc.h).
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
KEPT, ROOM = 2**31 - 1, 64 << 20


def keep_freed_memory() -> None:
    """Does nothing where the C library is not glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in ((MMAP_MAX, 0), (TRIM_THRESHOLD, KEPT), (TOP_PAD, ROOM)):
            mallopt(parameter, value)
