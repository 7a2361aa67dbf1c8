"""What is overwritten, what is kept, and when the editor is told."""

from __future__ import annotations

import threading

from engine.document.job import Failure, Install, Job, Step
from engine.run.mailbox import Mailbox


def test_an_interactive_job_overwrites_the_waiting_one() -> None:
    mailbox = Mailbox()
    for ticket in range(1, 6):
        mailbox.submit(Job(ticket=ticket))
    job = mailbox.next_interactive()
    assert job is not None and job.ticket == 5
    assert mailbox.next_interactive() is None


def test_background_jobs_queue_in_order() -> None:
    mailbox = Mailbox()
    for ticket in (3, 1, 2):
        mailbox.submit(Install(ticket=ticket, pack="faces"))
    assert mailbox.next_interactive() is None
    jobs = [mailbox.next_background() for _ in range(4)]
    assert [job and job.ticket for job in jobs] == [3, 1, 2, None]


def test_a_newer_preview_overwrites_and_settled_ones_stay_in_order() -> None:
    mailbox = Mailbox()
    mailbox.put(Step(ticket=1, settled=True), background=False)
    mailbox.put(Step(ticket=2, fraction=0.1), background=False)
    mailbox.put(Failure(ticket=3, text="no"), background=True)
    mailbox.put(Step(ticket=2, fraction=0.2), background=False)
    mailbox.put(Step(ticket=4, settled=True), background=False)
    mailbox.put(Step(ticket=2, fraction=0.3), background=False)
    taken = mailbox.take()
    assert [(t.ticket, getattr(t, "fraction", None)) for t in taken] == [(1, 0), (3, None), (4, 0), (2, 0.3)]
    assert mailbox.take() == ()


def test_progress_of_a_background_job_does_not_swallow_the_preview_of_a_stroke() -> None:
    mailbox = Mailbox()
    mailbox.put(Step(ticket=7), background=False)
    mailbox.put(Step(ticket=2, fraction=0.5), background=True)
    assert [answer.ticket for answer in mailbox.take()] == [2, 7]


def test_a_settled_step_removes_the_older_preview_of_its_job() -> None:
    mailbox = Mailbox()
    mailbox.put(Step(ticket=1, fraction=0.9), background=False)
    mailbox.put(Step(ticket=1, settled=True), background=False)
    assert [answer.settled for answer in mailbox.take() if isinstance(answer, Step)] == [True]


def test_the_editor_is_told_once_a_batch() -> None:
    mailbox = Mailbox()
    told = [mailbox.put(Step(ticket=1, fraction=i / 100, settled=i % 10 == 0), background=False) for i in range(100)]
    assert told.count(True) == 1 and told[0]
    assert len(mailbox.take()) == 11
    assert mailbox.put(Step(ticket=1), background=False)


def test_cancel_reaches_waiting_and_running_jobs_only_of_its_ticket() -> None:
    mailbox = Mailbox()
    mailbox.submit(Job(ticket=1))
    assert mailbox.next_interactive() is not None
    mailbox.submit(Job(ticket=2))
    mailbox.submit(Install(ticket=3, pack="faces"))
    mailbox.submit(Install(ticket=4, pack="faces"))
    mailbox.cancel(3)
    assert not mailbox.is_cancelled(1) and mailbox.is_replaced()
    job = mailbox.next_background()
    assert job is not None and job.ticket == 4
    mailbox.cancel()
    assert mailbox.is_cancelled(1) and not mailbox.is_replaced() and not mailbox.is_cancelled(4), "an export goes on"
    mailbox.cancel(4)
    assert mailbox.is_cancelled(4)
    mailbox.ended(1)
    assert not mailbox.is_cancelled(1)


def test_stop_wakes_a_waiting_engine() -> None:
    mailbox = Mailbox()
    waiting = threading.Thread(target=mailbox.wait, daemon=True)
    waiting.start()
    mailbox.stop()
    waiting.join(2)
    assert not waiting.is_alive() and mailbox.stopped
