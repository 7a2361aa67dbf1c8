"""Directions are found without a label, scaled alike, kept in the cache, and lie on their own layers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from engine.document.job import ListDirections
from engine.model import direction_cache, directions
from engine.model.directions import (
    BANDS,
    NamedFile,
    band,
    factorised,
    found,
    list_directions,
    modulations,
    unsupervised,
)
from engine.model.manifold import Manifold
from resources import ROOT

WIDTH = 6


class Styled(nn.Module):
    """One linear map a layer, of 8 channels; that of layer k stretches axis k most, then k + 1."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(WIDTH, 8) for _ in range(layers))
        for k, each in enumerate(self.maps):
            assert isinstance(each, nn.Linear)
            weight = torch.zeros(8, WIDTH)
            weight[0, k], weight[1, k + 1] = 3.0, 1.0
            each.weight.data = weight


def manifold(layers: int = 4) -> Manifold:
    network = Styled(layers).eval().requires_grad_(False)
    scales = torch.tensor([4.0, 3, 2, 1, 0.5, 0.25])
    return Manifold("styled", layers, 8, 8, torch.zeros(WIDTH), torch.diag(scales), network, network,
                    lambda count, seed: torch.zeros(count, WIDTH), torch.ones(1, 1, 8, 8))  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("layers", [1, 2, 3, 5, 18, 23])
def test_bands_share_the_layers_among_them(layers: int) -> None:
    spans = [band(name, layers) for name in BANDS]
    assert [i for span in spans for i in range(layers)[span]] == list(range(layers))
    assert spans[0].stop >= 1


def test_factors_are_what_the_weights_stretch_most_one_deviation_long() -> None:
    styles = factorised(manifold(), [torch.diag(torch.tensor([0.0, 5, 1, 0, 0, 0]))], 2)
    np.testing.assert_allclose(styles, [[0, 3, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0]], atol=1e-6)


def test_every_direction_lies_on_its_band() -> None:
    made = manifold()
    for direction in unsupervised(made, 2):
        name = next(b for b in BANDS if direction.name.endswith(b))
        outside = np.ones(made.layers, bool)
        outside[band(name, made.layers)] = False
        assert np.abs(direction.values).max() > 0 and not direction.values[outside].any()
    first = next(d for d in unsupervised(made, 2) if "factor" in d.source and "coarse" in d.name)
    np.testing.assert_allclose(first.values[0], [4, 0, 0, 0, 0, 0], atol=1e-6)  # axis 0, as long as the cloud


def test_maps_of_a_generator_are_told_by_their_width(tiny_manifold: Manifold) -> None:
    assert len(modulations(manifold(4))) == 4
    assert modulations(tiny_manifold) == []
    assert set(found(tiny_manifold)) == {f"{directions.PRINCIPAL}/{name}" for name in BANDS}


def test_computed_once_then_read_from_the_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = unsupervised(manifold(), 2)
    assert len(list((home / "cache" / "directions").iterdir())) == 1
    monkeypatch.setattr(directions, "found", None)  # not to be asked again
    again = unsupervised(manifold(), 2)
    for a, b in zip(first, again, strict=True):
        assert a.name == b.name and a.id == b.id
        np.testing.assert_array_equal(a.values, b.values)


def test_a_broken_cache_is_computed_anew(home: Path) -> None:
    first = unsupervised(manifold(), 2)
    (file,) = (home / "cache" / "directions").iterdir()
    file.write_bytes(b"not a file of arrays")
    assert [d.id for d in unsupervised(manifold(), 2)] == [d.id for d in first]
    assert direction_cache.read(file.stem) is not None


def test_other_weights_are_another_entry(home: Path) -> None:
    unsupervised(manifold(), 2)
    other = manifold()
    next(other.generator.parameters()).data.add_(1)
    unsupervised(other, 2)
    assert len(list((home / "cache" / "directions").iterdir())) == 2


def test_the_job_settles_with_all(tiny_manifold: Manifold) -> None:
    steps = list(list_directions(ListDirections(ticket=4, manifold="tiny"), tiny_manifold))
    assert steps[-1].settled and len(steps[-1].directions) == 3 * 8
    assert all(d.values.shape == (3, 8) for d in steps[-1].directions)


def test_what_is_shipped_can_be_read() -> None:
    for file in (ROOT / "directions").glob("*.json"):
        content = msgspec.json.decode(file.read_bytes(), type=NamedFile)
        assert content.manifold == file.stem
        names = [each.name for each in content.directions]
        assert len(set(names)) == len(names)
        for each in content.directions:
            assert 0 <= each.layers[0] < each.layers[1] <= 1
            assert np.linalg.norm(each.coordinates) == pytest.approx(1, abs=0.01)  # one standard deviation


def test_directions_come_coarse_to_fine_and_one_layer_has_no_bands() -> None:
    names = [direction.name for direction in unsupervised(manifold(), 1)]
    assert names == [f"{source} 1, {name}" for source in ("Principal axis", "Factor of the weights") for name in BANDS]
    kept = [direction.name for direction in unsupervised(manifold(), 1)]  # the cache keeps no order
    assert kept == names
    assert {direction.name for direction in unsupervised(manifold(1), 1)} == {
        "Principal axis 1", "Factor of the weights 1"}
