"""A sheet of what the lenses see of a face: the photo, the model's picture, and a map over each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.command.report import Report
from engine.document.edit import ManifoldEdit
from engine.document.image_files import write_photo
from engine.document.job import Inspect, Step
from engine.document.lens import Lens
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.run.steps import Steps


def write_lenses(photo: Photo, edit: ManifoldEdit, out: Path, steps: Steps, report: Report) -> dict[str, float]:
    """Writes four pictures side by side, each as large as the preview: photo, what was missed over it; what the model
    shows now, what of that is implausible over it. Returns each map's mean strength, 0..1, by the lens's name.
    """
    from engine.edit.quick import ground
    from engine.model.manifold import to_array
    from engine.model.usual import shown

    manifold = steps.for_latent(edit.base)
    crop = ground(photo, edit, manifold).crop
    picture = to_array(finished(shown(manifold, edit.latent)))
    panels, means = [], {}
    for lens, below in ((Lens.RESIDUAL, crop), (Lens.PLAUSIBLE, picture)):
        seen = report.follow(steps.begin(Inspect(ticket=1, photo=photo, edit=edit, lens=lens)))
        panels += [below, _over(below, seen)]
        assert seen.overlay is not None
        means[lens.value] = float(seen.overlay[..., 3].mean() / 255)
    pixels = np.rint(255 * np.clip(np.hstack(panels), 0, 1)).astype(np.uint8)
    write_photo(pixels, Photo(pixels), out)
    return means


def _over(below: np.ndarray, seen: Step) -> np.ndarray:
    assert seen.overlay is not None
    rgba = seen.overlay.astype(np.float32) / 255
    return np.asarray(below + rgba[..., 3:] * (rgba[..., :3] - below))
