"""Random values of the vocabulary for property tests, and equality of values field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace

import numpy as np
from hypothesis import strategies as st

from engine.document.blending import Blend
from engine.document.direction import Direction, Slide
from engine.document.document import Document
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, Patch, StyleEdit, TextureEdit
from engine.document.image_files import read_photo
from engine.document.latent import Frame, Latent
from engine.document.motif import Motif
from engine.document.photo import Photo
from engine.document.sequence import Easing, EditSequence, Keyframe
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import OCTAVES, ColorsBy, Style
from engine.document.texture import Texture
from tests.engine.document.picture_bytes import SRGB, exif, noise, saved

seeds = st.integers(0, 2**31)


def same(a: object, b: object) -> bool:
    """Whether two values are equal in every field, arrays by value and type."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b)


def random_array(seed: int, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Random samples over the whole range, or standard normal."""
    random = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.integer):
        return random.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    return random.standard_normal(shape).astype(dtype)


@st.composite
def strokes(draw: st.DrawFn, width: int = 32, height: int = 24) -> Stroke:
    """Any stroke on and around a photo of that size."""
    kind = draw(st.sampled_from(StrokeKind))
    count, seed = draw(st.integers(1, 6)), draw(seeds)
    points = np.random.default_rng(seed).uniform((-width, -height, 0), (2 * width, 2 * height, 1), (count, 3))
    colors = st.tuples(*[st.integers(0, 255)] * 3)
    return Stroke(
        kind=kind,
        points=points,
        radius=draw(st.floats(0.1, 2 * width)),
        color=draw(colors) if kind is StrokeKind.COLOR else None,
        weight=draw(st.floats(0, 4)),
        visible=draw(st.booleans()),
        seed=draw(st.integers(0, 2**63 - 1)),
    )


@st.composite
def patches(draw: st.DrawFn, dtype: type = np.uint8) -> Patch:
    """A patch that may reach over every border of a 32 x 24 photo."""
    height, width, seed = draw(st.integers(1, 24)), draw(st.integers(1, 32)), draw(seeds)
    support = random_array(seed, (height, width), np.uint8)
    support[random_array(seed + 1, support.shape, np.uint8) < 90] = draw(st.sampled_from([0, 255]))
    pixels = random_array(seed, (height, width, 3), dtype)
    return Patch(draw(st.integers(-20, 40)), draw(st.integers(-20, 40)), pixels, support)


frames = st.builds(
    Frame,
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
    size=st.floats(0.01, 1e4),
    angle=st.floats(-10, 10),
)
latents = st.builds(
    lambda seed, layers: Latent(random_array(seed, (layers, 5), np.float32), f"manifold {layers}"),
    seeds,
    st.integers(1, 4),
)


@st.composite
def edits(draw: st.DrawFn, dtype: type = np.uint8) -> ManifoldEdit:
    """Any edit of a 32 x 24 photo."""
    base = draw(latents)
    way = Direction(draw(st.text(max_size=5)), random_array(draw(seeds), base.values.shape, np.float32), base.manifold)
    slides = draw(st.lists(st.builds(Slide, st.just(way), st.floats(-3, 3)), max_size=2))
    return ManifoldEdit(
        frame=draw(frames),
        base=base,
        latent=draw(st.just(base) | latents),
        strokes=tuple(draw(st.lists(strokes(), max_size=3))),
        realism=draw(st.floats(0, 1)),
        opacity=draw(st.floats(0, 1)),
        visible=draw(st.booleans()),
        patch=draw(st.none() | patches(dtype)),
        slides=tuple(slides),
        inside=draw(st.booleans()),
        name=draw(st.text(max_size=5)),
    )


names = st.text(max_size=12)
networks = st.lists(names.filter(bool), unique=True, max_size=2).flatmap(
    lambda keys: st.builds(
        lambda seed, dtype: {key: random_array(seed, (2, 3, len(key)), dtype) for key in keys},
        seeds,
        st.sampled_from([np.float32, np.float16, np.uint8]),
    )
)


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """A style with statistics of small octaves, perhaps a picture, perhaps a network."""
    seed = draw(seeds)
    means = tuple(random_array(seed + i, (i + 1,), np.float32) for i in range(len(OCTAVES)))
    grams = tuple(random_array(seed + 9 + i, (i + 1, i + 1), np.float32) for i in range(len(OCTAVES)))
    exemplar = draw(st.none() | st.just(noise(5, 4)))
    style = Style(draw(names), means, grams, draw(names), draw(names), exemplar, draw(networks))
    if draw(st.booleans()):
        return replace(style, fitted=random_array(seed, (len(OCTAVES), 3), np.float32), fitted_to="0f")
    return style


textures = st.builds(
    Texture,
    name=names,
    exemplar=st.sampled_from([noise(3, 3), noise(8, 1)]),
    network=networks,
    seconds=st.floats(0, 1e6),
    seamless=st.booleans(),
)


@st.composite
def layers(draw: st.DrawFn, dtype: type = np.uint8) -> Layer:
    """Any layer of a 32 x 24 photo."""
    share, switch = st.floats(0, 1), st.booleans()
    every = {
        "strokes": tuple(draw(st.lists(strokes(), max_size=2))),
        "whole": draw(switch),
        "scale": draw(st.floats(0.25, 4)),
        "snap": draw(share),
        "opacity": draw(share),
        "blend": draw(st.sampled_from(Blend)),
        "visible": draw(switch),
        "patch": draw(st.none() | patches(dtype)),
        "name": draw(names),
    }
    kind = draw(st.sampled_from([StyleEdit, TextureEdit, FusionEdit]))
    if kind is FusionEdit:
        place = {"x": draw(st.floats(-1, 1)), "y": draw(st.floats(-1, 1)), "depth": draw(st.floats(1, 4))}
        motif = Motif(draw(names), draw(st.sampled_from([noise(3, 3), noise(8, 1)])))
        return FusionEdit(motif, amount=draw(share), detail=draw(share), **place, **every)
    every |= {"refine": draw(share), "seed": draw(st.integers(0, 2**63 - 1))}
    if kind is TextureEdit:
        turned, follow = draw(st.floats(-10, 10)), draw(switch)
        return TextureEdit(draw(textures), angle=turned, follow=follow, match_color=draw(share), **every)
    octaves = draw(st.tuples(share, share, share, share))
    dials = {"strength": draw(share), "crossfade": draw(share), "keep_color": draw(share), "octaves": octaves}
    dials["keep_color_by"] = draw(st.sampled_from(ColorsBy))
    return StyleEdit(tuple(draw(st.lists(styles(), min_size=1, max_size=2))), **dials, **every)


def any_edit(dtype: type = np.uint8) -> st.SearchStrategy[Edit]:
    """An edit of any kind."""
    return edits(dtype) | layers(dtype)


def photos(dtype: type = np.uint8) -> st.SearchStrategy[Photo]:
    """A 32 x 24 photo from a file, or from the clipboard (no file behind it)."""
    pixels = noise(dtype=dtype)
    pasted = Photo(pixels, alpha=noise(dtype=dtype, channels=1)[..., 0], profile=SRGB, name="pasted")
    opened = read_photo(saved(noise(), "PNG", icc_profile=SRGB, exif=exif()), "opened.png")
    return st.sampled_from([pasted, opened] if dtype is np.uint8 else [pasted])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document: a stack of edits, and keyframes that share edits with it and have their own."""
    dtype = draw(st.sampled_from([np.uint8, np.uint16]))
    pool = draw(st.lists(any_edit(dtype), max_size=4))
    some = st.just(()) if not pool else st.lists(st.sampled_from(pool), unique_by=id, max_size=3).map(tuple)
    keyframes = st.builds(
        Keyframe,
        edits=some,
        caption=st.text(max_size=20),
        seconds=st.floats(0, 60),
        hold=st.floats(0, 60),
        easing=st.sampled_from(Easing),
    )
    sequence = EditSequence(tuple(draw(st.lists(keyframes, max_size=3))))
    return Document(draw(photos(dtype)), draw(some), sequence)
