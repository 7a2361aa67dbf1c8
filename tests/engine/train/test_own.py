"""The jobs of the window around a training: looking, timing, training in slices, going on, using what there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from engine.document.errors import InputError
from engine.document.job import Job, Step
from engine.document.training import (
    CURVE,
    TEACHING,
    Family,
    Plan,
    discard,
    forecast,
    place_of,
    read_plan,
    unfinished,
)
from engine.document.training_jobs import LookAtFolder, TimeTraining, TrainManifold, UseSoFar
from engine.model import packs
from engine.model.catalog import open_manifold
from engine.model.families import FAMILIES
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.run.mailbox import Mailbox
from engine.run.pump import Pump
from engine.run.steps import Steps
from engine.train import coded, folder, looking, own, recipe, timing, watching
from engine.train.recipe import ALONE


@pytest.fixture
def plan(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A moment of training at 16 px; features that know nothing, user data elsewhere, a wall after every step."""
    monkeypatch.setenv(packs.HOME, str(tmp_path / "home"))
    monkeypatch.setattr(folder, "JUDGED", 8)
    monkeypatch.setattr(watching, "EVERY", 0.0)
    monkeypatch.setattr(watching, "SHARE", 1e9)
    monkeypatch.setattr(watching, "SHOWN", 4)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    return Plan(str(pictures), "discs", size=16, minutes=0.04, least=20)


def of(plan: Plan, family: Family) -> Plan:
    """The same for that family, as small as it can be."""
    size = FAMILIES[family].least
    for path in Path(plan.folder).rglob("*.png"):
        with Image.open(path) as picture:
            picture.resize((size + 8, size + 8)).save(path)
    return msgspec.structs.replace(plan, family=family, size=size)


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


def until(steps: Iterator[Step], enough: Callable[[Step], bool]) -> Step:
    return next(step for step in steps if enough(step))


def taught(step: Step) -> bool:
    return step.training is not None and step.training.step >= 1 and len(step.training.wall) > 0


def test_the_training_takes_over_the_squares_that_were_looked_at(plan: Plan) -> None:
    last(looking.look_at_folder(LookAtFolder(ticket=1, folder=Path(plan.folder), size=16)))
    looked = packs.home() / "training" / looking.LOOKED_AT / "squares-16.u8"
    place, when = place_of(packs.home(), "discs"), looked.stat().st_mtime_ns
    steps = own.train_manifold(TrainManifold(ticket=2, plan=plan))
    until(steps, lambda step: step.training is not None)
    steps.close()
    assert not looked.exists() and (place / "squares-16.u8").stat().st_mtime_ns == when


def test_the_machine_is_timed_at_every_size(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(recipe.GROWTH, 32, {0.0: 8, 0.35: 32})
    pace = last(timing.time_training(TimeTraining(ticket=1, size=32))).pace
    assert pace is not None
    assert [(share, side) for share, side, _ in pace.stages] == [(0.0, 8), (0.35, 32), (ALONE, 32)]
    small, large, judged = (seconds for _, _, seconds in pace.stages)
    assert small > 0 and large > 0 and judged > 0
    rate = 0.35 / small + (ALONE - 0.35) / large + (1 - ALONE) / judged
    assert pace.seen(60) == pytest.approx(60 * 60 * 0.8 * rate, rel=1e-3)
    assert pace.minutes(pace.seen(60)) == pytest.approx(60, rel=1e-2)


@pytest.mark.parametrize(("family", "share"), [(Family.MAP, 1.0), (Family.THINGS, 0.8)])
def test_every_kind_of_model_is_timed(family: Family, share: float, plan: Plan) -> None:
    pace = last(timing.time_training(TimeTraining(ticket=1, size=16, family=family))).pace
    assert pace is not None and pace.share == share
    ((begin, side, seconds),) = pace.stages
    assert (begin, side) == (0.0, 16) and seconds > 0 and "Expect" in forecast(pace, 10.0, 300, family)
    assert not any(packs.home().rglob("*.pt"))


def test_every_part_of_a_generator_of_codes_is_timed(plan: Plan) -> None:
    pace = last(timing.time_training(TimeTraining(ticket=1, size=64, family=Family.CODED))).pace
    assert pace is not None and pace.share == 1.0 and not any(packs.home().rglob("*.pt"))
    assert [(share, side) for share, side, _ in pace.stages] == [(share, 64) for share in coded.BEGUN]
    assert len({seconds for _, _, seconds in pace.stages}) == len(coded.BEGUN) and min(pace.stages)[2] > 0
    assert "Expect" in forecast(pace, 10.0, 300, Family.CODED)


def test_until_it_makes_up_pictures_it_shows_the_artist_s_own_again(plan: Plan, monkeypatch: pytest.MonkeyPatch,
                                                                  ) -> None:
    """The wall of a model of codes in its first part, of which nothing can be used yet; and in its second."""
    plan = msgspec.structs.replace(of(plan, Family.CODED), minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=plan))
    first = until(steps, lambda step: taught(step) and step.training is not None and step.training.step > 8).training
    steps.close()
    assert first is not None and first.again and first.wall.shape == (4, 64, 64, 3) and np.isnan(first.variety)
    squares = np.stack([np.asarray(Image.open(path).convert("RGB").resize((64, 64)), float)
                        for path in sorted(Path(plan.folder).rglob("*.png"))])  # fmt: skip
    nearest = [np.abs(squares - picture).mean(axis=(1, 2, 3)).min() for picture in first.wall]
    assert max(nearest) < np.abs(squares - squares.mean(axis=0)).mean(), "nearer to one of them than to their mean"
    with pytest.raises(InputError, match="only show your pictures again"):
        last(Steps().begin(UseSoFar(ticket=2, name="discs")))
    assert first.teaching and np.isfinite(first.curve[-1, :2]).all() and np.isnan(first.curve[:, 2]).all()
    left = read_plan(place_of(packs.home(), "discs"))
    assert left is not None and left.family is Family.CODED
    again = own.train_manifold(TrainManifold(ticket=3, plan=left, resume=True))
    on = until(again, lambda step: step.training is not None and step.training.step > 0).training
    again.close()
    assert on is not None and on.step == first.step + 1
    monkeypatch.setattr(coded, "BEGUN", (0.0, 1e-9, 0.7))
    steps = own.train_manifold(TrainManifold(ticket=3, plan=left, resume=True))
    second = until(steps, lambda step: taught(step) and step.training is not None and not step.training.again).training
    steps.close()
    assert second is not None and second.variety > 0 and second.teaching and second.side == plan.size
    made = last(Steps().begin(UseSoFar(ticket=4, name="discs", seconds=0.2))).made
    assert made == f"discs-at-{second.step}"
    manifold = open_manifold(made)
    shared, _ = manifold.guess(manifold.picture(manifold.sample(1, 0)))
    assert shared.abs().sum() > 0
    enough = msgspec.structs.replace(plan, minutes=0.99 * second.enough)
    rest = list(own.train_manifold(TrainManifold(ticket=5, plan=enough, resume=True)))
    assert rest[-1].made == "discs" and max(step.training.step for step in rest if step.training) == second.step


@pytest.mark.parametrize("family", [Family.MAP, Family.THINGS])
def test_every_kind_of_model_is_watched_left_and_used(family: Family, plan: Plan) -> None:
    """The wall from the average, one curve; left, gone on with, and used before its end."""
    long = msgspec.structs.replace(of(plan, family), minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=long))
    moment = until(steps, taught).training
    assert moment is not None and moment.wall.shape == (4, long.size, long.size, 3)
    assert moment.teaching and moment.side == long.size
    assert np.isfinite(moment.curve[-1, :2]).all() and np.isnan(moment.curve[:, 2]).all() and moment.variety > 0
    steps.close()
    left = read_plan(place_of(packs.home(), "discs"))
    assert left is not None and left.family is family
    again = own.train_manifold(TrainManifold(ticket=2, plan=left, resume=True))
    on = until(again, lambda step: step.training is not None and step.training.step > 0).training
    again.close()
    assert on is not None and on.step == moment.step + 1
    made = last(Steps().begin(UseSoFar(ticket=2, name="discs", seconds=0.2))).made
    manifold = open_manifold(made)
    shared, _ = manifold.guess(manifold.picture(manifold.sample(1, 0)))
    assert made == f"discs-at-{on.step}" and shared.abs().sum() > 0
    assert not (place_of(packs.home(), "discs") / "rough.pt").exists()
    enough = msgspec.structs.replace(left, minutes=0.99 * on.enough)
    rest = list(own.train_manifold(TrainManifold(ticket=3, plan=enough, resume=True)))
    assert rest[-1].made == "discs" and max(step.training.step for step in rest if step.training) == on.step


@pytest.mark.parametrize("family", [*Family])
def test_a_damaged_checkpoint_is_refused_in_words(family: Family, plan: Plan) -> None:
    plan = msgspec.structs.replace(of(plan, family), minutes=100.0)
    place = place_of(packs.home(), "discs")
    steps = own.train_manifold(TrainManifold(ticket=1, plan=plan))
    until(steps, lambda step: step.training is not None)
    steps.close()
    for content in (b"nothing", b""):
        (place / "contest.pt").write_bytes(content)
        with pytest.raises(InputError, match="does not fit.*Begin anew"):
            last(own.train_manifold(TrainManifold(ticket=2, plan=plan, resume=True)))
        with pytest.raises(InputError, match="does not fit.*Begin anew"):
            last(Steps().begin(UseSoFar(ticket=3, name="discs")))


def test_a_curve_that_is_none_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "curve.npy"
    for rows in (np.zeros((3, 7), np.float32), np.array([["a"] * 4]), np.zeros(4, np.float32)):
        np.save(path, rows)
        assert watching._read(path) == []
    with path.open("wb") as file:
        np.savez(file, rows=np.zeros((3, 4), np.float32))
    assert watching._read(path) == []
    path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 4), }")
    assert watching._read(path) == []
    np.save(path, np.array([(1, 2, 3, 4), (np.nan, 2, 3, 4)], np.float32))
    assert watching._read(path) == [(1.0, 2.0, 3.0, 4.0)]


def test_a_training_is_seen_grow_and_ends_as_a_manifold(plan: Plan) -> None:
    long = msgspec.structs.replace(plan, minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=long))
    moment = until(steps, taught).training
    assert moment is not None and moment.wall.shape == (4, 16, 16, 3) and moment.side == 16 and moment.teaching
    assert moment.curve.shape[1] == len(CURVE) and np.isfinite(moment.curve[-1, :2]).all() and moment.variety > 0
    assert moment.spent + moment.left == pytest.approx(60 * long.minutes)
    steps.close()
    assert [p.name for p in unfinished(packs.home())] == ["discs"]
    assert moment.enough == pytest.approx(moment.spent / 60 / TEACHING)
    enough = msgspec.structs.replace(plan, minutes=0.99 * moment.enough)
    rest = list(own.train_manifold(TrainManifold(ticket=2, plan=enough, resume=True)))
    assert max(step.training.step for step in rest if step.training) == moment.step, "it has learned enough"
    assert any(step.training and not step.training.teaching and len(step.training.wall) for step in rest)
    end = rest[-1]
    assert end.settled and end.made == "discs" and packs.own() == ["discs"]
    assert not unfinished(packs.home()), "what has come to its end is not offered again"
    left = {path.name for path in place_of(packs.home(), "discs").iterdir()}
    assert left == {"samples.png", "neighbours.png"}, "what it worked with is of no use any more"
    assert open_manifold("discs").size == 16


def test_the_wall_is_always_of_the_same_latents(plan: Plan) -> None:
    steps = own.train_manifold(TrainManifold(ticket=1, plan=msgspec.structs.replace(plan, minutes=100.0)))
    until(steps, taught)
    steps.close()
    place = place_of(packs.home(), "discs")
    walls = []
    for _ in range(2):  # gone on with from the same checkpoint
        kept = (place / "contest.pt").read_bytes()
        again = msgspec.structs.replace(plan, minutes=100.0)
        steps = own.train_manifold(TrainManifold(ticket=1, plan=again, resume=True))
        seen = until(steps, lambda step: step.training is not None and len(step.training.wall) > 0).training
        assert seen is not None
        walls.append(seen.wall)
        steps.close()
        (place / "contest.pt").write_bytes(kept)
    np.testing.assert_array_equal(*walls)


def test_a_training_that_was_left_goes_on_where_it_was(plan: Plan) -> None:
    plan = msgspec.structs.replace(plan, minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=plan))
    reached = until(steps, lambda step: taught(step) and step.training is not None and step.training.step >= 2).training
    steps.close()
    left = read_plan(place_of(packs.home(), "discs"))
    assert reached is not None and left is not None and left.spent > 0 and left.name == "discs"
    again = own.train_manifold(TrainManifold(ticket=2, plan=left, resume=True))
    moment = until(again, lambda step: step.training is not None and step.training.step > 0).training
    again.close()
    assert moment is not None and moment.step == reached.step + 1 and moment.spent >= reached.spent
    assert len(moment.curve) >= len(reached.curve) > 0


def test_what_it_has_learned_so_far_can_be_used_and_stays_as_it_is(plan: Plan) -> None:
    with pytest.raises(InputError, match="learned nothing yet"):
        last(Steps().begin(UseSoFar(ticket=1, name="discs")))
    plan = msgspec.structs.replace(plan, minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=plan))
    until(steps, taught)
    steps.close()
    state = torch.load(place_of(packs.home(), "discs") / "contest.pt", weights_only=True)
    made = last(Steps().begin(UseSoFar(ticket=2, name="discs", seconds=0.2))).made
    assert made == f"discs-at-{state['step']}"
    manifold = open_manifold(made)
    shared, own_part = manifold.guess(manifold.picture(manifold.sample(1, 0)))
    assert shared.abs().sum() > 0 and own_part.shape[1] == manifold.layers
    card, tensors = packs.load(made)
    torch.testing.assert_close(tensors["generator.synthesis.start"].float(), state["average"]["synthesis.start"],
                               atol=1e-2, rtol=1e-2)  # fmt: skip
    assert "before it was finished" in card.lineage
    assert unfinished(packs.home()), "and the training can go on"
    assert last(Steps().begin(UseSoFar(ticket=3, name="discs"))).made == made


def test_a_stroke_does_not_wait_for_a_step_of_the_training(plan: Plan) -> None:
    """The stroke comes while a step of generator and critic is under way, and is answered before that step is over."""
    mailbox, order = Mailbox(), []

    class Both(Steps):
        def begin(self, job: Job) -> Iterator[Step]:
            return super().begin(job) if isinstance(job, TrainManifold) else stroke(job)

    def stroke(job: Job) -> Iterator[Step]:
        order.append("stroke")
        yield Step(ticket=job.ticket, settled=True)

    pump = Pump(mailbox, Both().begin, lambda: None)
    mailbox.submit(TrainManifold(ticket=1, plan=msgspec.structs.replace(plan, minutes=100.0)))
    reached = 0
    while reached < 2:
        pump.advance()
        steps = [answer.training.step for answer in mailbox.take() if isinstance(answer, Step) and answer.training]
        reached = max([reached, *steps])
    for _ in range(3):  # into the next step
        pump.advance()
    mailbox.submit(Job(ticket=2))
    started = time.thread_time()
    pump.advance()
    assert order == ["stroke"] and time.thread_time() - started < 0.05
    answers = mailbox.take()
    assert [a.ticket for a in answers if isinstance(a, Step) and a.settled] == [2]
    assert not any(isinstance(a, Step) and a.training and a.training.step > reached for a in answers)
    mailbox.cancel(1)
    pump.advance()
    assert (place_of(packs.home(), "discs") / "contest.pt").exists()


def test_two_do_not_train_the_same(plan: Plan) -> None:
    """A window and a command line, or two windows; once the one is closed, the other can go on."""
    plan = msgspec.structs.replace(plan, minutes=100.0)
    steps = own.train_manifold(TrainManifold(ticket=1, plan=plan))
    reached = until(steps, taught).training
    with pytest.raises(InputError, match="discs is being trained by another program"):
        next(folder.train_folder(own.request_of(plan, resume=True)))
    with pytest.raises(InputError, match="being trained by another program"):
        discard(packs.home(), "discs")
    steps.close()
    again = folder.train_folder(own.request_of(plan, resume=True))
    assert reached is not None and next(step for step in again if step.step).step == reached.step + 1
    again.close()
    discard(packs.home(), "discs")
    assert not place_of(packs.home(), "discs").exists()


@pytest.mark.parametrize("change", [{"name": "Discs"}, {"least": 1000}, {"folder": "nowhere"}, {"size": 100}])
def test_what_cannot_be_trained_leaves_nothing_to_go_on_with(change: dict[str, object], plan: Plan) -> None:
    with pytest.raises(InputError):
        last(own.train_manifold(TrainManifold(ticket=1, plan=msgspec.structs.replace(plan, **change))))
    assert not packs.own() and not unfinished(packs.home())
    assert not place_of(packs.home(), plan.name).exists()
