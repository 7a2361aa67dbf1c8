"""The table: every job has its generator, manifolds open once, and nothing heavy is imported by looking at it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.document import job as jobs
from engine.document import map_jobs, training_jobs
from engine.document.errors import InputError
from engine.document.job import Job
from engine.run.steps import TABLE, Steps


def test_every_job_of_the_vocabulary_has_a_generator() -> None:
    values = [value for module in (jobs, map_jobs, training_jobs) for value in vars(module).values()]
    kinds = {k for k in values if isinstance(k, type) and issubclass(k, Job) and k is not Job}
    assert kinds == set(TABLE)


def test_an_unknown_job_is_refused() -> None:
    with pytest.raises(TypeError, match="Job"):
        Steps().begin(Job(ticket=1))


def test_a_manifold_is_opened_once_and_a_failure_is_tried_again() -> None:
    asked: list[str] = []

    def open_manifold(id: str) -> object:
        asked.append(id)
        if len(asked) == 1:
            raise InputError("not installed")
        return object()

    steps = Steps(open_manifold)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        steps.manifold("faces")
    first = steps.manifold("faces")
    assert steps.manifold("faces") is first and asked == ["faces", "faces"]
    steps.forget("faces")
    assert steps.manifold("faces") is not first


def test_importing_the_bridge_does_not_load_torch() -> None:
    code = "import sys, engine.run.thread; sys.exit('torch' in sys.modules or 'cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
