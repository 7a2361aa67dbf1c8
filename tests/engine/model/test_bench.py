"""The benchmark's rows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from tiny_pack import CHANNELS, WIDTH, write_wheel

from engine.model import bench, faces_pack
from engine.model.bench import BenchRow, processor_over
from engine.model.device import CPU
from engine.model.manifold import Manifold


def test_rows_without_a_peer_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr(bench, "TRUNKS", (8, 16, 64))
    wheel = write_wheel(tmp_path / "tiny.whl")
    synthesis = faces_pack.build(faces_pack.read(wheel, CHANNELS, WIDTH))[1]
    rows = list(bench.rows(synthesis, repeats=1))
    assert [row.name for row in rows] == ["picture, 32 px", "features, 8 px, there and back",
                                          "features, 16 px, there and back", "picture, there and back"]
    assert all(row.ours > 0 and row.ratio is None for row in rows)
    assert "OpenVINO is not installed" in rows[0].note


def test_ratio_is_ours_over_the_peers() -> None:
    assert BenchRow("x", 0.2, 0.4).ratio == 0.5


def test_the_processor_is_raced_against_a_device(tiny_manifold: Manifold, elsewhere: torch.device) -> None:
    waited: list[bool] = []
    found = processor_over(elsewhere, tiny_manifold, lambda: waited.append(True), repeats=2)
    assert set(found) == {"picture", "preview, there and back"} and min(found.values()) > 0
    assert len(waited) == 2 * 3 and tiny_manifold.generator.get_buffer("pictures").device == CPU
