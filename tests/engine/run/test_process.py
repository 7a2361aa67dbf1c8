"""What `prepare` does to a fresh process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

PROBE = """
import os, resource, sys, threading
if sys.argv[1] == "prepared":
    from engine.run.process import prepare
    assert prepare() and prepare()
import numpy as np

def pages():
    for _ in range(12):
        np.ones(8 << 20, np.float32)  # 32 MB

def measured():
    pages()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    pages()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, os.environ.get("OMP_WAIT_POLICY"))

thread = threading.Thread(target=measured)
thread.start()
thread.join()
"""


def probe(how: str, **environment: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "MALLOC_"))}
    answer = subprocess.run([sys.executable, "-c", PROBE, how], env=kept | environment, text=True, capture_output=True,
                            check=True)
    faults, policy = answer.stdout.split()
    return int(faults), policy


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's malloc is told anything")
def test_freed_memory_is_used_again_on_every_thread() -> None:
    assert probe("prepared")[0] < probe("plain")[0] / 10


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the probe needs a Unix")
def test_waiting_is_passive_unless_the_user_says_otherwise() -> None:
    assert probe("prepared")[1] == "PASSIVE"
    assert probe("prepared", OMP_WAIT_POLICY="ACTIVE")[1] == "ACTIVE"
