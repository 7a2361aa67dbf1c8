"""The pump with plain generators: who is advanced, who is closed, what survives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from engine.document.errors import InputError
from engine.document.job import Failure, Job, Step
from engine.run.mailbox import Answer, Mailbox
from engine.run.pump import Pump, is_blank


@dataclass(frozen=True, eq=False, kw_only=True)
class Toy(Job):
    """A job of so many steps; `at` is called with the number of each step before it is yielded."""

    steps: int = 3
    at: Callable[[int], None] = lambda number: None


@dataclass(frozen=True, eq=False, kw_only=True)
class Chore(Toy):
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Errand(Chore):
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Labour(Chore):
    patient: ClassVar[bool] = True


class Bench:
    """A pump over toy jobs that notes all that happens."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.pump = Pump(self.mailbox, self.begin, self.announce)
        self.advanced: list[int] = []
        self.closed: list[int] = []
        self.announced = 0

    def begin(self, job: Job) -> Iterator[Step]:
        assert isinstance(job, Toy)
        try:
            for number in range(job.steps):
                job.at(number)
                self.advanced.append(job.ticket)
                yield Step(ticket=job.ticket, fraction=(number + 1) / job.steps, settled=number + 1 == job.steps)
        except GeneratorExit:
            self.closed.append(job.ticket)
            raise

    def announce(self) -> None:
        self.announced += 1

    def drain(self) -> None:
        while self.pump.advance():
            pass

    def settled(self) -> list[int]:
        return [answer.ticket for answer in self.mailbox.take() if isinstance(answer, Step) and answer.settled]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refuse(number: int) -> None:
    if number == 1:
        raise InputError("the photo is empty; choose another")


def crash(number: int) -> None:
    if number == 1:
        raise ZeroDivisionError("by\nzero")


def test_a_newer_interactive_job_closes_the_running_one(bench: Bench) -> None:
    bench.mailbox.submit(Toy(ticket=1, steps=50, at=lambda n: n == 2 and bench.mailbox.submit(Toy(ticket=2))))
    bench.drain()
    assert bench.advanced == [1, 1, 1, 2, 2, 2]
    assert bench.closed == [1]
    assert bench.settled() == [2]


def test_every_begun_job_takes_a_step_although_a_newer_one_waits(bench: Bench) -> None:
    """Otherwise nothing would be shown while strokes come faster than steps."""

    def next_stroke(ticket: int) -> Toy:
        return Toy(ticket=ticket, steps=20, at=lambda n: ticket < 9 and bench.mailbox.submit(next_stroke(ticket + 1)))

    bench.mailbox.submit(next_stroke(1))
    bench.drain()
    assert bench.advanced[:9] == list(range(1, 10))
    assert bench.settled() == [9]


def test_300_rapid_jobs_leave_the_last_one_finished_and_one_announcement(bench: Bench) -> None:
    for ticket in range(300):
        bench.mailbox.submit(Toy(ticket=ticket, steps=20))
        if ticket % 3 == 0:
            bench.pump.advance()
    bench.drain()
    assert bench.announced == 1
    assert bench.settled() == [299]
    assert bench.closed == list(range(0, 300, 3)), "each one begun was closed by a newer one"
    assert bench.advanced == [*range(0, 300, 3)] + 20 * [299]


def test_background_advances_only_when_nothing_interactive_waits_and_keeps_its_place(bench: Bench) -> None:
    bench.mailbox.submit(Chore(ticket=100, steps=4))
    bench.pump.advance()
    bench.mailbox.submit(Toy(ticket=1, steps=3))
    bench.drain()
    assert bench.advanced == [100, 1, 1, 1, 100, 100, 100]
    assert bench.closed == []
    assert bench.settled() == [1, 100]


def test_background_jobs_do_not_replace_one_another(bench: Bench) -> None:
    for ticket in (1, 2, 3):
        bench.mailbox.submit(Chore(ticket=ticket, steps=2))
    bench.drain()
    assert bench.advanced == [1, 1, 2, 2, 3, 3]
    assert bench.settled() == [1, 2, 3]


def test_cancel_closes_the_job_of_that_ticket_only(bench: Bench) -> None:
    bench.mailbox.submit(Chore(ticket=1, steps=9))
    bench.mailbox.submit(Chore(ticket=2, steps=2))
    bench.pump.advance()
    bench.mailbox.cancel(1)
    bench.drain()
    assert bench.closed == [1] and bench.advanced == [1, 2, 2]


def test_a_step_finished_after_its_job_was_cancelled_is_not_delivered(bench: Bench) -> None:
    bench.mailbox.submit(Toy(ticket=1, steps=1, at=lambda n: bench.mailbox.cancel(1)))
    bench.drain()
    assert bench.mailbox.take() == ()


@pytest.mark.parametrize(("fault", "trace"), [(refuse, False), (crash, True)])
@pytest.mark.parametrize("kind", [Toy, Chore])
def test_a_failure_is_reported_and_the_pump_survives(
    bench: Bench, fault: Callable[[int], None], trace: bool, kind: type[Toy]
) -> None:
    bench.mailbox.submit(kind(ticket=1, at=fault))
    bench.drain()
    (failure,) = [answer for answer in bench.mailbox.take() if isinstance(answer, Failure)]
    assert failure.ticket == 1 and "\n" not in failure.text
    assert ("ZeroDivisionError" in failure.trace) is trace
    assert trace or failure.text == "the photo is empty; choose another"
    bench.mailbox.submit(kind(ticket=2))
    bench.drain()
    assert bench.settled() == [2]


def test_a_job_that_cannot_begin_is_a_failure(bench: Bench) -> None:
    bench.mailbox.submit(Job(ticket=5))  # not a Toy: begin's own assertion, raised at its first step
    bench.drain()
    (failure,) = bench.mailbox.take()
    assert isinstance(failure, Failure) and failure.ticket == 5 and failure.trace

    def refuse_to_begin(job: Job) -> Iterator[Step]:
        raise InputError("the faces pack is not installed")

    pump = Pump(bench.mailbox, refuse_to_begin, bench.announce)
    bench.mailbox.submit(Job(ticket=6))
    assert not pump.advance()
    (failure,) = bench.mailbox.take()
    assert isinstance(failure, Failure) and failure.ticket == 6 and not failure.trace


def test_a_step_that_comes_again_is_delivered_once_and_is_still_a_place_to_stop() -> None:
    def begin(job: Job) -> Iterator[Step]:
        step = Step(ticket=job.ticket, fraction=0.5)
        for _ in range(5):
            yield step
        yield Step(ticket=job.ticket, settled=True)

    mailbox = Mailbox()
    told: list[tuple[Answer, ...]] = []
    pump = Pump(mailbox, begin, lambda: told.append(mailbox.take()))
    mailbox.submit(Job(ticket=1))
    while pump.advance():
        pass
    assert [[(answer.ticket, answer.settled) for answer in answers if isinstance(answer, Step)]
            for answers in told] == [[(1, False)], [(1, True)]]
    mailbox.submit(Job(ticket=2))
    assert pump.advance()
    mailbox.cancel(2)
    assert not pump.advance() and len(told) == 3, "the half step of job 2 was the last"


def paused(job: Job) -> Iterator[Step]:
    """Three pauses, then something to show, then much more."""
    blank = Step(ticket=job.ticket)
    yield from (blank, blank, blank)
    for number in range(100):
        yield Step(ticket=job.ticket, fraction=(number + 1) / 100)


def test_a_replaced_job_goes_on_through_its_pauses_to_its_first_step_and_no_further() -> None:
    mailbox = Mailbox()
    told: list[Answer] = []
    pump = Pump(mailbox, paused, lambda: told.extend(mailbox.take()))
    mailbox.submit(Job(ticket=1))
    pump.advance()
    mailbox.submit(Job(ticket=2))
    for _ in range(7):
        pump.advance()
    assert [(answer.ticket, answer.fraction) for answer in told if isinstance(answer, Step)] == [(1, 0.01), (2, 0.01)]


def test_a_cancelled_job_ends_at_its_first_pause() -> None:
    mailbox = Mailbox()
    told: list[Answer] = []
    pump = Pump(mailbox, paused, lambda: told.extend(mailbox.take()))
    mailbox.submit(Job(ticket=1))
    pump.advance()
    mailbox.cancel()
    assert not pump.advance() and not told


def test_stop_closes_suspended_generators(bench: Bench) -> None:
    bench.mailbox.submit(Chore(ticket=1, steps=1000))
    bench.pump.advance()
    bench.mailbox.submit(Toy(ticket=2, steps=1000, at=lambda n: n == 5 and bench.mailbox.stop()))
    bench.pump.run()
    assert sorted(bench.closed) == [1, 2]


def test_a_generator_that_fails_while_closing_does_not_end_the_pump() -> None:
    def begin(job: Job) -> Iterator[Step]:
        try:
            yield Step(ticket=job.ticket, note="begun")
            yield Step(ticket=job.ticket, settled=True)
        finally:
            if job.ticket == 1:
                raise OSError("cannot delete")

    mailbox = Mailbox()
    pump = Pump(mailbox, begin, lambda: None)
    for ticket in (1, 2):
        mailbox.submit(Job(ticket=ticket))
        pump.advance()
    assert any(isinstance(answer, Failure) and answer.ticket == 1 for answer in mailbox.take())
    pump.advance()
    assert [answer.ticket for answer in mailbox.take()] == [2]


@pytest.mark.parametrize("news", [{"fraction": 0.1}, {"note": "on"}, {"picture": np.zeros((1, 1, 3), np.uint8)}])
def test_a_step_that_says_anything_is_not_blank(news: dict[str, Any]) -> None:
    assert is_blank(Step(ticket=4)) and not is_blank(Step(ticket=4, **news))


def test_a_brief_job_goes_before_a_long_one_and_no_stroke_drops_it(bench: Bench) -> None:
    """The long one has begun; the brief one comes between two of its steps, and waits for an interactive one."""
    bench.mailbox.submit(Chore(ticket=1, steps=3))
    bench.pump.advance()
    bench.mailbox.submit(Errand(ticket=2, steps=2))
    bench.pump.advance()
    bench.mailbox.submit(Toy(ticket=3, steps=2))
    bench.drain()
    assert bench.advanced == [1, 2, 3, 3, 2, 1, 1] and not bench.closed
    assert sorted(bench.settled()) == [1, 2, 3]


def test_a_brief_job_can_be_cancelled_waiting_and_running(bench: Bench) -> None:
    bench.mailbox.submit(Errand(ticket=1))
    bench.mailbox.submit(Errand(ticket=2))
    bench.pump.advance()
    bench.mailbox.cancel(1)
    bench.mailbox.cancel(2)
    bench.drain()
    assert bench.advanced == [1] and bench.closed == [1]


def test_a_patient_job_lets_every_other_go_first_and_keeps_its_place(bench: Bench) -> None:
    bench.mailbox.submit(Labour(ticket=1, steps=4))
    bench.pump.advance()
    bench.mailbox.submit(Chore(ticket=2, steps=2))
    bench.pump.advance()
    bench.mailbox.submit(Toy(ticket=3, steps=1))
    bench.mailbox.submit(Errand(ticket=4, steps=1))
    bench.drain()
    assert [ticket for i, ticket in enumerate(bench.advanced) if ticket != 1 or i == 0] == [1, 2, 3, 4, 2]
    assert bench.advanced[5:] == [1, 1, 1] and sorted(bench.settled()) == [1, 2, 3, 4]


def test_a_patient_job_can_be_cancelled_waiting_and_running(bench: Bench) -> None:
    bench.mailbox.submit(Labour(ticket=1, steps=4))
    bench.mailbox.submit(Labour(ticket=2, steps=4))
    bench.pump.advance()
    for ticket in (1, 2):
        bench.mailbox.cancel(ticket)
    bench.drain()
    assert bench.advanced == [1] and bench.closed == [1]
