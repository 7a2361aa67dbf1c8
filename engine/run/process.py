"""Sets the process up for tensor work. To be called before torch is loaded and before the first thread is started.

Two defaults of a Linux process cost a picture editor dear. The C library gives freed blocks of some megabytes back to
the system, so each tensor is paged in afresh: a third of the time of a forward pass of the 1024 px generator, nearly
half of a backward pass. And OpenMP's threads wait for one another by spinning: harmless on an idle machine, but when
another program wants the same cores, a pass took ten times as long with two threads as with one.
"""

from __future__ import annotations

import ctypes
import os
import platform

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # numbers of mallopt(3), fixed by glibc's malloc.h
KEPT_BYTES = 512 << 20
"""So much freed memory stays with the process for the next tensor."""
LARGE_BYTES = 256 << 20
"""From this size blocks come from the system and go back to it at once: whole photos, not feature maps."""


def prepare() -> bool:
    """Keep freed memory, wait without spinning. True when the memory part took effect (Linux with glibc).

    An OMP_WAIT_POLICY set by the user stays. Calling it again is harmless.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # Other threads' arenas cannot hold large blocks: let all threads share the main one.
    settings = ((M_ARENA_MAX, 1), (M_TRIM_THRESHOLD, KEPT_BYTES), (M_MMAP_THRESHOLD, LARGE_BYTES))
    return all(mallopt(option, value) == 1 for option, value in settings)
