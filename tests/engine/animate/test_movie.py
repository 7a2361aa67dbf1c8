"""Movies, read back: what is in them, what is left when the writing is cancelled or the disk is full."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from PIL import Image, ImageCms, ImageSequence

from engine.animate import video
from engine.animate.gif import Palette
from engine.animate.morph import shrunk
from engine.animate.movie import export, to_srgb, write
from engine.document.document import Document
from engine.document.edit import picture
from engine.document.errors import InputError
from engine.document.job import Export
from engine.document.sequence import EditSequence

resource = pytest.importorskip("resource", reason="disk limits are set the POSIX way")

WIDTH, HEIGHT, COUNT = 131, 97, 6


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    """Six smooth frames of odd sides."""
    rng = np.random.default_rng(5)
    ends = [cv2.resize(rng.integers(40, 215, (3, 4, 3), np.uint8), (WIDTH, HEIGHT)) for _ in range(2)]
    return [
        np.rint(ends[0] + i / (COUNT - 1) * (ends[1] - ends[0].astype(float))).astype(np.uint8) for i in range(COUNT)
    ]


def decoded(path: Path) -> list[np.ndarray]:
    """The frames of a video, converted as its tags say."""
    with av.open(str(path)) as file:
        found = [
            f.reformat(format="rgb24", src_colorspace=Colorspace.ITU709).to_ndarray() for f in file.decode(video=0)
        ]
    return [f[:HEIGHT, :WIDTH] for f in found]


def pages(path: Path) -> list[np.ndarray]:
    """The frames of an animated picture."""
    with Image.open(path) as image:
        return [np.asarray(page.convert("RGB")) for page in ImageSequence.Iterator(image)]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9)))


@pytest.mark.parametrize(("suffix", "least"), [(".mp4", 38), (".webm", 38)])
def test_a_video_has_all_frames_in_their_colours_and_an_even_size(
    frames: list[np.ndarray], tmp_path: Path, suffix: str, least: float
) -> None:
    path = tmp_path / f"morph{suffix}"
    fractions = list(write(frames, path, 12, COUNT))
    assert fractions == sorted(fractions) and fractions[-1] == pytest.approx(1)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (WIDTH + 1, HEIGHT + 1, 12)
        context: Any = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.pix_fmt == "yuv420p"
    found = decoded(path)
    assert len(found) == COUNT
    assert min(map(psnr, found, frames)) > least
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_mp4_falls_back_where_there_is_no_x264(
    frames: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    assert video.mp4() is video.MPEG4
    list(write(frames, tmp_path / "morph.mp4", 24, COUNT))
    assert min(map(psnr, decoded(tmp_path / "morph.mp4"), frames)) > 34


@pytest.mark.parametrize(("name", "lossless"), [("morph.apng", False), ("morph.webp", True), ("frames", False)])
def test_lossless_forms_keep_every_value(frames: list[np.ndarray], tmp_path: Path, name: str, lossless: bool) -> None:
    path = tmp_path / name
    list(write(frames, path, 10, COUNT, lossless=lossless))
    found = [pages(p)[0] for p in sorted(path.iterdir())] if path.is_dir() else pages(path)
    assert len(found) == COUNT
    assert all(np.array_equal(a, b) for a, b in zip(found, frames, strict=True))


def test_lossy_webp_and_gif_are_close(frames: list[np.ndarray], tmp_path: Path) -> None:
    for name, least in (("morph.webp", 34), ("morph.gif", 32)):
        list(write(frames, tmp_path / name, 10, COUNT))
        assert min(map(psnr, pages(tmp_path / name), frames)) > least


@pytest.mark.parametrize("suffix", [".gif", ".apng", ".webp"])
@pytest.mark.parametrize("loop", [True, False])
def test_an_animation_repeats_only_when_told(frames: list[np.ndarray], tmp_path: Path, suffix: str, loop: bool) -> None:
    path = tmp_path / f"morph{suffix}"
    list(write(frames, path, 10, COUNT, loop=loop))
    with Image.open(path) as image:
        assert image.info.get("loop", 1) == (0 if loop else 1)
        durations = [page.info["duration"] for page in ImageSequence.Iterator(image) if page.load() is not None]
    assert durations[:-1] == [100] * (COUNT - 1)


def test_a_gif_of_still_parts_has_still_parts(tmp_path: Path) -> None:
    """One palette for all: a pixel that keeps its value keeps its colour, whatever moves beside it."""
    still = np.random.default_rng(1).integers(0, 255, (32, 32, 3), np.uint8)
    frames = [still.copy() for _ in range(4)]
    for index, frame in enumerate(frames):
        frame[:, :8] = 60 * index
    list(write(frames, tmp_path / "still.gif", 10, 4))
    found = pages(tmp_path / "still.gif")
    assert all(np.array_equal(a[:, 8:], b[:, 8:]) for a, b in itertools.pairwise(found))


def test_a_palette_of_few_colours_is_exact() -> None:
    colors = np.array([[1, 2, 3], [200, 0, 7]], np.uint8)
    palette = Palette(np.repeat(colors, 50, axis=0))
    assert palette.table().shape == (256, 4)
    assert np.array_equal(palette.colors[palette.indices(colors[None])], colors[None])


def test_a_plain_background_does_not_use_up_the_palette() -> None:
    """Nine tenths are one grey with a little noise; the rest is a ramp, which needs the colours."""
    rng = np.random.default_rng(2)
    grey = 128 + rng.integers(-6, 7, (9000, 3))
    ramp = np.linspace((60, 20, 10), (250, 200, 180), 1000)
    samples = np.concatenate([grey, ramp]).astype(np.uint8)
    palette = Palette(samples)
    shown = palette.colors[palette.indices(samples[None])][0].astype(float)
    assert np.abs(shown[9000:] - samples[9000:]).mean() < 3


@pytest.mark.parametrize("name", ["morph.mp4", "morph.webm", "morph.gif", "morph.apng", "morph.webp", "frames"])
def test_cancelling_leaves_the_old_file_and_nothing_else(frames: list[np.ndarray], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if not path.suffix:
        path.mkdir()
    old = path / "notes.txt" if path.is_dir() else path
    old.write_text("old")
    writing = write(frames, path, 24, COUNT)
    for _ in range(4):
        next(writing)
    writing.close()  # type: ignore[attr-defined]
    assert [p.name for p in tmp_path.iterdir()] == [name] and old.read_text() == "old"
    assert not path.is_dir() or list(path.iterdir()) == [old]


def test_numbered_pictures_replace_an_earlier_export_and_nothing_else(frames: list[np.ndarray], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    list(write(frames, tmp_path, 24, COUNT))
    list(write(frames[:3], tmp_path, 24, 3))
    assert sorted(p.name for p in tmp_path.iterdir()) == [*(f"frame.000{i}.png" for i in (1, 2, 3)), "notes.txt"]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.mark.parametrize("name", ["morph.mp4", "morph.webm", "morph.gif", "morph.apng", "morph.webp", "frames"])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    noise = [np.random.default_rng(i).integers(0, 255, (80, 80, 3), np.uint8) for i in range(6)]
    with full_disk(3000), pytest.raises(InputError, match="could not be"):
        list(write(noise, tmp_path / name, 24, 6))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["morph.avi", "morph.png"])
def test_a_name_of_no_known_form_is_refused(frames: list[np.ndarray], tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="end its name in"):
        list(write(frames, tmp_path / name, 24, COUNT))


def test_export_begins_and_ends_on_its_keyframes_and_goes_back(kept: Any, tmp_path: Path) -> None:
    shorter = tuple(replace(k, seconds=0.2, hold=0.1) for k in kept.sequence.keyframes[:2])
    document = Document(kept.photo, shorter[-1].edits, EditSequence(shorter))
    job = Export(ticket=4, document=document, path=tmp_path / "out.apng", fps=10, long_side=60, ping_pong=True)
    *before, last = export(job, kept.manifolds)
    assert last.settled and last.path == job.path and last.fraction == 1 and {s.ticket for s in before} == {4}
    found = pages(job.path)
    first, second = (shrunk(picture(kept.photo, k.edits), 60) for k in shorter)
    assert len(found) == 7
    assert np.array_equal(found[0], first) and np.array_equal(found[-1], first)
    assert np.array_equal(found[3], second)
    assert np.array_equal(found[2], found[5]), "the way back is the way there"
    assert not np.array_equal(found[2], first) and not np.array_equal(found[2], second)


@pytest.mark.parametrize("name", ["out.apng", "frames"])
def test_an_export_that_is_closed_leaves_nothing(kept: Any, tmp_path: Path, name: str) -> None:
    document = Document(kept.photo, (), kept.sequence)
    steps = export(Export(ticket=4, document=document, path=tmp_path / name, long_side=60), kept.manifolds)
    while next(steps).fraction < 0.3:
        pass
    assert list(tmp_path.iterdir()), "it had begun to write"
    steps.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_export_needs_two_keyframes(kept: Any, tmp_path: Path) -> None:
    document = Document(kept.photo, (), EditSequence(kept.sequence.keyframes[:1]))
    with pytest.raises(InputError, match="at least two"):
        next(export(Export(ticket=1, document=document, path=tmp_path / "out.gif"), kept.manifolds))


def test_a_wide_gamut_photo_is_brought_to_srgb() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (
        to_srgb(srgb)(picture) is picture and to_srgb(None)(picture) is picture and to_srgb(b"no")(picture) is picture
    )
    lab_d50 = ImageCms.createProfile("XYZ")
    other = ImageCms.ImageCmsProfile(lab_d50).tobytes()
    assert np.array_equal(to_srgb(other)(picture), picture), "not a profile of RGB: it says nothing"
