"""Training that is killed, and training by several processes: both as real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from engine.model import packs

SCRIPT = """
import sys
from pathlib import Path
import torch
from engine.train import folder
torch.set_num_threads(1)
folder.JUDGED = 8
request = folder.FolderRequest(Path(sys.argv[1]), "discs", size=16, minutes=float(sys.argv[2]), least=20,
                               resume=True, checkpoint_minutes=0.005)
for step in folder.train_folder(request):
    print(step.step, step.loss, step.fraction, flush=True)
"""


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {**os.environ, packs.HOME: str(tmp_path / "home"), "OMP_NUM_THREADS": "1", **more}


def kept(tmp_path: Path) -> dict[str, object]:
    """The checkpoint of generator and critic."""
    state: dict[str, object] = torch.load(tmp_path / "home/training/discs/contest.pt", weights_only=True)
    return state


def killed(command: list[str], tmp_path: Path) -> None:
    """Runs the command until it has written a checkpoint, and kills it as nothing can be killed more."""
    checkpoint = tmp_path / "home/training/discs/contest.pt"
    before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
    process = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.DEVNULL)
    try:
        while (checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0) <= before:
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_three_times_it_ends_with_a_manifold(pictures: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(pictures)]
    reached, loss = 0, float("nan")
    for _ in range(3):
        killed([*command, "100"], tmp_path)
        state = kept(tmp_path)
        assert int(str(state["step"])) > reached, "each run goes on where the last checkpoint was"
        reached, loss = int(str(state["step"])), float(str(state["loss"]))
    minutes = float(str(kept(tmp_path)["seconds"])) / 60 / 0.8 + 0.01
    done = subprocess.run([*command, str(minutes)], env=environment(tmp_path), capture_output=True, text=True,
                          check=True)
    lines = [[float(x) for x in line.split()] for line in done.stdout.splitlines()]
    first = next(line for line in lines if line[0] > 0)
    assert first[0] == reached + 1 and abs(first[1] - loss) < 0.1 * loss
    assert (tmp_path / "home/models/discs/card.json").exists()


def together(script: str, tmp_path: Path) -> tuple[dict[str, object], dict[str, object]]:
    """What two processes that run it write down."""
    (tmp_path / "both.py").write_text(script)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    processes = [
        subprocess.Popen([sys.executable, str(tmp_path / "both.py"), str(tmp_path)],
                         env=environment(tmp_path, WORLD_SIZE="2", RANK=str(rank), MASTER_ADDR="127.0.0.1",
                                         MASTER_PORT=port, PYTHONPATH=str(Path.cwd())))
        for rank in range(2)
    ]  # fmt: skip
    assert [process.wait(1000) for process in processes] == [0, 0]
    one, other = (json.loads((tmp_path / f"rank-{rank}.json").read_text()) for rank in range(2))
    return one, other


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_processes_keep_equal_networks(tmp_path: Path) -> None:
    one, other = together(BOTH, tmp_path)
    assert one["steps"] == other["steps"] == 6
    assert one["weights"] == other["weights"], "the same to the last bit"
    assert one["losses"] != other["losses"], "each learns from pictures of its own"
    print(f"{one['rate']:.1f} pictures a second by two processes")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_processes_keep_equal_codes(tmp_path: Path) -> None:
    one, other = together(CODES, tmp_path)
    assert one["places"] == other["places"] == [0, 1, 2]
    assert one["weights"] == other["weights"], "the same to the last bit, in every part"
    assert one["latents"] == other["latents"] and one["losses"] != other["losses"]


BOTH = """
import json, sys, time
from pathlib import Path
import numpy as np
import torch
from engine.train import distributed
from engine.train.adversarial import Contest, networks
from engine.train.recipe import Recipe
from engine.train.trainer import Budget
torch.set_num_threads(1)
with distributed.joined():
    rank = distributed.rank()
    torch.manual_seed(rank)  # they begin apart and have to agree
    pictures = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), np.uint8)
    out = Path(sys.argv[1])
    contest = Contest(*networks("style", 16), pictures, np.arange(12), Budget(1e6, 2e-3, checkpoint_minutes=1e6),
                      out / f"{rank}.pt", Recipe(batch=4), seed=1)
    begun = time.monotonic()
    steps = contest.run()
    for _ in range(6):
        next(steps)
    rate = 6 * 4 * 2 / (time.monotonic() - begun)
    steps.close()
    weights = [float(p.detach().double().sum()) for n in (contest.generator, contest.critic) for p in n.parameters()]
    (out / f"rank-{rank}.json").write_text(json.dumps(
        {"steps": contest.step, "weights": weights, "losses": contest.losses, "rate": rate}))
    assert (out / f"{rank}.pt").exists() == (rank == 0)
    distributed.wait()
"""

CODES = """
import json, sys
from pathlib import Path
import numpy as np
import torch
from engine.train import coded, distributed
from engine.train.course import Task
torch.set_num_threads(1)
coded.BATCHES = (4, 8, 4)
with distributed.joined():
    rank, out = distributed.rank(), Path(sys.argv[1])
    torch.manual_seed(rank)
    pictures = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), np.uint8)
    names, nowhere = tuple(f"{'ab'[n % 2]}/{n}.png" for n in range(12)), out / f"{rank}.pt"
    course = coded.course(Task("coded", 64, pictures, names, np.arange(12), ("a", "b"), 1e6, nowhere, 1e6, False, 0,
                               torch.device("cpu")))
    found = {"places": [], "weights": [], "losses": []}
    for fraction in (0.0, 0.36, 0.9):
        course.at(fraction)
        for _ in range(3):
            for _ in course.advance():
                pass
            found["losses"].append(course.loss)
        found["places"].append(course._place)
        found["weights"] += [float(p.detach().double().sum()) for n in course._networks.values()
                             for p in n.parameters()]
    found["latents"] = float(course._latents.double().square().sum())
    (out / f"rank-{rank}.json").write_text(json.dumps(found))
    distributed.wait()
"""
