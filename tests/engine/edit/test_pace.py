"""A descent is at rest when it has all but stopped falling."""

from __future__ import annotations

import pytest

from engine.edit.pace import at_rest


@pytest.mark.parametrize(("costs", "resting"), [
    ([], False),
    ([1.0, 1.0], False),
    ([1.0, 1.0, 1.0], True),
    ([1.0, 0.9, 0.8], False),
    ([1.0, 0.8, 0.82, 0.81], True),
    ([1.0, 0.8, 0.9, 0.95], False),
    ([0.143, 0.196, 0.245, 0.164, 0.183], False),
    ([1.0, 0.8, 0.9, 0.7], False),
])
def test_at_rest(costs: list[float], resting: bool) -> None:
    assert at_rest(costs, 2, 0.01) is resting
