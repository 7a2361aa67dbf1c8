"""The search for faces: around networks that only pretend, and on a real face with the real ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.document.errors import InputError
from engine.document.job import FindRegions, Step
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import regions
from engine.edit.align import frame_of
from engine.edit.regions import find_regions, search
from engine.model import faces_pack, packs
from engine.model.card import read_card
from engine.model.landmarks import SIDE, Face, Landmarks, open_landmarks
from resources import ROOT

UP = np.array([[-1, 0], [1, 0], [0, 0.8], [-0.6, 1.8], [0.6, 1.8]])


def face(x: float, y: float, eye: float, score: float, angle: float = 0.0) -> Face:
    cos, sin = np.cos(angle), np.sin(angle)
    points = UP * eye @ np.array([[cos, sin], [-sin, cos]]) + (x, y)
    return Face(points, np.array([x, y]), eye * 4, score)


class Marker(Landmarks):
    """A face is a red disc with a green one to its right, as the eyes would lie; seen upright only, like real ones."""

    def __init__(self) -> None:
        self.detected = 0

    def detect(self, picture: np.ndarray, threshold: float = 0.3) -> list[Face]:
        self.detected += 1
        found = self.spots(picture / 255)
        return [found] if found and abs(found.eyes[0, 1] - found.eyes[1, 1]) < 0.8 * np.ptp(found.eyes[:, 0]) and (
            found.eyes[0, 0] < found.eyes[1, 0]) else []

    def mesh(self, square: np.ndarray) -> Face:
        found = self.spots(square)
        return found or Face(np.zeros((5, 2)), np.zeros(2), 1.0, 0.0)

    @staticmethod
    def spots(picture: np.ndarray) -> Face | None:
        red, green = ((picture[..., a] > 0.5) & (picture[..., b] < 0.3) for a, b in ((0, 1), (1, 0)))
        if not (red.any() and green.any()):
            return None
        left, right = (np.argwhere(spot)[:, ::-1].mean(0) + 0.5 for spot in (red, green))
        (x, y), (dx, dy) = (left + right) / 2, right - left
        return face(x, y, float(np.hypot(dx, dy)) / 2, 0.95, float(np.arctan2(dy, dx)))


def photo_with_face(angle: float, side: int = 400, x: float = 190, y: float = 210) -> Photo:
    pixels = np.full((side, side, 3), 128, np.uint8)
    rows, columns = np.mgrid[:side, :side] + 0.5
    eyes = face(x, y, 24, 1.0, angle).eyes
    for (eye_x, eye_y), color in zip(eyes, ((255, 0, 0), (0, 255, 0)), strict=True):
        pixels[np.hypot(columns - eye_x, rows - eye_y) < 9] = color
    return Photo(pixels)


def run(photo: Photo, networks: Landmarks) -> tuple[Face, ...]:
    looking = search(photo, networks)
    while True:
        try:
            assert 0 <= next(looking) < 1
        except StopIteration as done:
            faces: tuple[Face, ...] = done.value
            return faces


@pytest.mark.parametrize("degrees", [0, 30, -40, 75, -90, 135, 180])
def test_a_face_is_found_and_framed_however_it_is_turned(degrees: int) -> None:
    angle = np.radians(degrees)
    (found,) = run(photo_with_face(angle), Marker())
    np.testing.assert_allclose(found.eyes, face(190, 210, 24, 1.0, angle).eyes, atol=0.5)
    assert np.cos(frame_of(found).angle - angle) > 0.999


def test_turned_copies_are_looked_at_only_when_there_is_nobody() -> None:
    upright, nobody = Marker(), Marker()
    run(photo_with_face(0.0), upright)
    assert run(Photo(np.zeros((400, 400, 3), np.uint8)), nobody) == ()
    assert nobody.detected == upright.detected * (1 + len(regions.TURNS))


def test_small_faces_are_measured_on_the_photo_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "COPY", 160)
    monkeypatch.setattr(regions, "SMALLEST_TILE", 80)
    (found,) = run(photo_with_face(0.2, side=800, x=501.5, y=377.25), Marker())
    np.testing.assert_allclose(found.eyes, face(501.5, 377.25, 24, 1.0, 0.2).eyes, atol=0.3)


def steps(photo: Photo, monkeypatch: pytest.MonkeyPatch, manifold: str = "faces") -> list[Step]:
    marker = Marker()
    monkeypatch.setattr(regions, "networks", lambda: marker)
    return list(find_regions(FindRegions(ticket=7, photo=photo, manifold=manifold)))


def test_the_job_ends_with_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    *previews, last = steps(photo_with_face(0.1), monkeypatch)
    assert previews and not any(step.settled for step in previews)
    assert last.settled and last.ticket == 7 and last.fraction == 1
    (frame,) = last.frames
    assert isinstance(frame, Frame)
    assert frame.angle == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (60, 80)])
def test_without_a_face_the_job_says_what_to_do(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    last = steps(Photo(np.zeros((*shape, 3), np.uint16)), monkeypatch)[-1]
    assert last.settled and last.frames == ()
    assert "by hand" in last.note


def test_without_the_pack_the_job_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    regions.networks.cache_clear()
    with pytest.raises(InputError, match="ganvas models get landmarks"):
        next(find_regions(FindRegions(ticket=1, photo=photo_with_face(0.0))))


@pytest.fixture
def landmarks() -> Landmarks:
    try:
        return open_landmarks()
    except InputError as error:
        pytest.skip(str(error))


# The astronaut's eyes, read off the picture by hand: between the corners and lids of each.
ASTRONAUT = np.array([[203.5, 101.5], [247.0, 104.0]])


@pytest.mark.pack
@pytest.mark.parametrize("quarter_turns", [0, 1, 2])
def test_the_eyes_of_the_astronaut(landmarks: Landmarks, quarter_turns: int) -> None:
    data = pytest.importorskip("skimage.data")
    pixels, eyes = data.astronaut(), ASTRONAUT
    for _ in range(quarter_turns):
        pixels, eyes = np.rot90(pixels), np.stack([eyes[:, 1], 512 - eyes[:, 0]], 1)
    (found,) = run(Photo(pixels), landmarks)
    assert np.hypot(*(found.eyes - eyes).T).max() < 3
    assert SIDE * 0.8 < frame_of(found).size < SIDE


@pytest.mark.pack
def test_a_generated_face_is_framed_as_the_generator_made_it(landmarks: Landmarks) -> None:
    torch = pytest.importorskip("torch")
    _, tensors = packs.load("faces")
    _, synthesis = faces_pack.build(tensors)
    with torch.no_grad():
        picture = synthesis(tensors["stats.mean"].expand(1, synthesis.layers, -1))[0].clamp(-1, 1)
    pixels = np.rint((picture.permute(1, 2, 0).numpy() + 1) * 127.5).astype(np.uint8)
    (found,) = run(Photo(pixels), landmarks)
    frame = frame_of(found)
    np.testing.assert_allclose([frame.x, frame.y], [512, 512], atol=15)
    assert frame.size == pytest.approx(1024, rel=0.05)
    assert abs(frame.angle) < 0.02


@pytest.mark.parametrize(("manifold", "side"), [("landscapes", 330), ("products", 200), ("unheard-of", 200)])
def test_a_frame_for_scenes_covers_the_photo_and_one_for_things_lies_on_it(manifold: str, side: int,
                                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "SHIPPED", ROOT / "manifolds")
    (step,) = find_regions(FindRegions(ticket=1, photo=Photo(np.zeros((200, 300, 3), np.uint8)), manifold=manifold))
    assert step.settled and [(f.x, f.y, f.size, f.angle) for f in step.frames] == [(150, 100, pytest.approx(side), 0)]


def test_in_a_manifold_of_one_s_own_that_was_taught_faces_they_are_looked_for(tmp_path: Path,
                                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    card = read_card(ROOT / "manifolds" / "products" / packs.CARD)
    (tmp_path / "heads").mkdir()
    written = msgspec.structs.replace(card, id="heads", layout="ffhq").encode()
    (tmp_path / "heads" / packs.CARD).write_bytes(written)
    (tmp_path / "heads" / card.weights).touch()
    monkeypatch.setattr(packs, "SHIPPED", tmp_path)
    *_, last = steps(photo_with_face(0.1), monkeypatch, "heads")
    assert [round(frame.angle, 1) for frame in last.frames] == [0.1]
