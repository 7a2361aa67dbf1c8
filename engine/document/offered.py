"""The frame that is offered on a photo on which nothing has been found: where the artist begins to move it."""

from __future__ import annotations

from engine.document.latent import Frame
from engine.document.manifold_entry import FFHQ, SCENE
from engine.document.photo import Photo

FACE_SHARE = 0.6
"""Of the photo's shorter side: for a face."""

BEYOND = 1.1
"""Of the photo's longer side: for a scene. A change fades towards the border of its frame, over 3.6 % of it, and that
is not to be seen at the border of the photo.
"""


def offered(photo: Photo, layout: str) -> Frame:
    """An upright square in the middle, by the layout on a manifold's card: a part of the photo for a face; more than
    all of it for a scene, mirrored beyond its borders; else the largest that lies on it.
    """
    short, long = sorted((photo.width, photo.height))
    size = {FFHQ: FACE_SHARE * short, SCENE: BEYOND * long}.get(layout, short)
    return Frame(photo.width / 2, photo.height / 2, size)
