"""VGG from a file: torchvision's names are read, anything else is refused with one line, nothing in it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model import segments, vgg19
from engine.model.vgg19 import read_vgg


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """VGG-19's state dict with few channels, and a program that expects as many."""
    monkeypatch.setattr(vgg19, "CHANNELS", (2, 3, 4, 5, 5))
    torch.manual_seed(0)
    weights, inputs = {}, 3
    for block, width in zip(vgg19._torchvision_names(vgg19.VGG19), vgg19.CHANNELS, strict=True):
        for name in block:
            weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.randn(width, inputs, 3, 3), torch.randn(width)
            inputs = width
    return weights


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_torchvisions_vgg19_is_read(tmp_path: Path, narrow: dict[str, torch.Tensor], suffix: str) -> None:
    path = tmp_path / f"vgg19{suffix}"
    if suffix == ".pth":
        torch.save(narrow, path)
    else:
        save_file(narrow, path)
    found = read_vgg(path)
    assert found.name == "VGG-19"
    taps = finished(segments.taps(found.segments, -torch.ones(1, 3, 32, 32)))
    assert [tap.shape[1:3] for tap in taps] == [(2, 32), (3, 16), (4, 8), (5, 4), (5, 4), (5, 2)]
    # the first layer, by hand: black is minus mean over deviation
    black = torch.tensor([-m / d for m, d in zip(vgg19.MEAN, vgg19.DEVIATION, strict=True)])
    by_hand = narrow["features.0.weight"].sum(dim=(2, 3)) @ black + narrow["features.0.bias"]
    torch.testing.assert_close(taps[0][0, :, 16, 16], by_hand.clamp(min=0))


def test_other_shapes_and_numbers_are_refused(tmp_path: Path, narrow: dict[str, torch.Tensor]) -> None:
    path = tmp_path / "vgg.safetensors"
    save_file(narrow | {"features.5.weight": torch.zeros(9, 2, 3, 3)}, path)
    with pytest.raises(InputError, match="features.5 is missing or of another shape"):
        read_vgg(path)
    save_file(narrow | {"features.5.bias": torch.full((3,), float("nan"))}, path)
    with pytest.raises(InputError, match="damaged"):
        read_vgg(path)


PICKLED = b"\x80\x02cposix\nsystem\nX\x0c\x00\x00\x00touch sprung\x85R."
"""What would call os.system if it were loaded."""


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("sprung"),)  # type: ignore[return-value]


def test_pickled_code_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, write in (("a.pth", lambda f: torch.save(Trap(), f)), ("b.pth", lambda f: f.write(PICKLED))):
        with Path(name).open("wb") as file:
            write(file)
        with pytest.raises(InputError, match="safe to read"):
            read_vgg(Path(name))
    assert not Path("sprung").exists()


def test_no_file_and_no_weights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_vgg(tmp_path / "none.pth")
    empty = tmp_path / "empty.safetensors"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match="safe to read"):
        read_vgg(empty)
