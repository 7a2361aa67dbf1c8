"""Documents as `.ganvas` files, and back.

A zip file, so that any program can look into it:

    mimetype              application/x-ganvas, first and unpacked
    document.json         see records
    photo                 the bytes of the photo's own file; a PNG of its pixels where it was pasted
    arrays.safetensors    latents (layers x width), stroke points (N x 3), statistics of styles, weights of networks,
                          changes of networks (two matrices each)
    styles/N.png          the picture a style was taken from
    textures/N.png        the exemplar of a texture
    motifs/N.png          the other picture of a semantic blend
    patches/N.png         the pixels of a rendered patch, at the photo's depth
    patches/N-support.png its coverage
    preview.jpg           the picture, at most 1600 pixels a side
    thumbnail.png         the picture, at most 256 pixels a side

Opening needs no model: the patches are all there is to see. Whatever the file holds, it is read as hostile.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

import cv2
import msgspec
import numpy as np
import safetensors.numpy

from engine.document import image_files
from engine.document.archive import Archive
from engine.document.arrays import frozen
from engine.document.atomic import replacing
from engine.document.document import Document
from engine.document.document_json import Flat, flatten, motif_entry, style_entry, texture_entry
from engine.document.edit import Patch
from engine.document.errors import InputError
from engine.document.image_decoding import Decoded, png_size
from engine.document.image_encoding import grey_png, jpeg, png, to_eight_bits
from engine.document.image_files import read_bytes, read_photo
from engine.document.photo import Photo
from engine.document.rebuild import plain_name, rebuild
from engine.document.records import DocumentRecord, PatchRecord, is_newer, read_record

MIMETYPE = b"application/x-ganvas"
MAX_BYTES = 8 << 30
MAX_JSON = 64 << 20
MAX_ARRAYS = 512 << 20
MAX_PATCH_PIXELS = 2_000_000_000  # of all patches together
MAX_EXEMPLAR_SIDE = 2048
MAX_EXEMPLAR_PIXELS = 100_000_000  # of all styles, textures and motifs together
MAX_AXES = 4  # of an array

_FIXED = r"mimetype|document\.json|photo|arrays\.safetensors|preview\.jpg|thumbnail\.png"
_ENTRIES = re.compile(rf"{_FIXED}|patches/\d{{1,6}}(-support)?\.png|(styles|textures|motifs)/\d{{1,6}}\.png")
_MATRIX, _ROW = re.compile(
    r"(latent|points|direction) \d+|style \d+ gram \d|tuning \d+ (up|down) .*"), re.compile(r"style \d+ mean \d")
_AXES = ((_MATRIX, 2), (_ROW, 1))

# A patch never changes, and packing it is most of the work of saving: it is packed once.
_packed: WeakKeyDictionary[Patch, tuple[bytes, bytes]] = WeakKeyDictionary()


def save(document: Document, path: Path | str) -> None:
    """Write `document` to `path`, atomically. Raises InputError, the old file untouched, where that fails."""
    path = Path(path)
    flat = flatten(document)
    description = msgspec.json.encode(flat.record)
    _check_can_be_opened(flat, description, path.name)
    shown = document.picture()
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as file:
        _write(file, "mimetype", MIMETYPE)
        _write(file, "document.json", description, packed=True)
        _write(file, "photo", document.photo.source or _as_png(document.photo))
        _write(file, "arrays.safetensors", safetensors.numpy.save(dict(flat.arrays)), packed=True)
        for entry, exemplar in flat.exemplars.items():
            _write(file, entry, png(Decoded(exemplar)))
        for number, patch in enumerate(flat.patches):
            pixels, support = _pack(patch)
            _write(file, f"patches/{number}.png", pixels)
            _write(file, f"patches/{number}-support.png", support)
        _write(file, "preview.jpg", jpeg(_reduced(shown, document.photo, 1600)))
        _write(file, "thumbnail.png", png(_reduced(shown, document.photo, 256)))


def load(path: Path | str) -> Document:
    """The document in a `.ganvas` file. Raises InputError that names the entry which is missing or wrong."""
    path = Path(path)
    data = read_bytes(path, MAX_BYTES)
    if not data.startswith(b"PK"):
        raise InputError(f"{path.name} is not a Ganvas document: open photos under their own names.")
    archive = Archive(data, path.name, _ENTRIES, MAX_JSON + MAX_ARRAYS)
    if archive.read("mimetype", 100) != MIMETYPE:
        raise InputError(f"{path.name} is not a Ganvas document (its entry mimetype says another kind).")
    record = _record(archive.read("document.json", MAX_JSON), path.name)
    photo = _photo(archive, record, path.name)
    arrays = _arrays(archive.read("arrays.safetensors", MAX_ARRAYS), path.name)
    exemplars = _exemplars(archive, record, path.name)
    patches = _patches(archive, record.patches, photo, path.name)
    try:
        return rebuild(Flat(record, arrays, patches, exemplars), photo)
    except (LookupError, ValueError) as error:
        raise InputError(_wrong(path.name, "document.json", str(error))) from error


# Writing


def _write(file: zipfile.ZipFile, entry: str, content: bytes, packed: bool = False) -> None:
    """Add an entry, with a fixed date so that the same document makes the same file."""
    info = zipfile.ZipInfo(entry)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    file.writestr(info, content)


def _check_can_be_opened(flat: Flat, description: bytes, name: str) -> None:
    """Refuse to save what `load` would refuse to open: better told now than found out later."""
    try:
        msgspec.json.decode(description, type=DocumentRecord)
    except msgspec.ValidationError as error:
        raise InputError(f"{name} could not be saved ({error}): undo the last step and try again.") from error
    if any(_fault(key, array) for key, array in flat.arrays.items()):
        raise InputError(f"{name} could not be saved (an edit holds no numbers): undo the last step and try again.")
    if sum(array.nbytes for array in flat.arrays.values()) > MAX_ARRAYS - MAX_JSON:
        raise InputError(f"{name} could not be saved (its networks are too large together): remove a layer.")
    if not _fit([exemplar.shape[1::-1] for exemplar in flat.exemplars.values()]):
        raise InputError(f"{name} could not be saved (a layer's picture is too large): remove that layer.")


def _as_png(photo: Photo) -> bytes:
    """A photo that has no file as the bytes of one."""
    return png(Decoded(photo.pixels, photo.alpha, photo.profile, photo.exif))


def _pack(patch: Patch) -> tuple[bytes, bytes]:
    """The two PNGs of a patch."""
    if patch not in _packed:
        _packed[patch] = png(Decoded(patch.pixels)), grey_png(patch.support)
    return _packed[patch]


def _reduced(pixels: np.ndarray, photo: Photo, side: int) -> Decoded:
    """`pixels` with the photo's alpha and profile, 8 bits, at most `side` pixels a side."""
    height, width = pixels.shape[:2]
    scale = min(1, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))

    def small(samples: np.ndarray) -> np.ndarray:
        return to_eight_bits(cv2.resize(samples, size, interpolation=cv2.INTER_AREA))

    return Decoded(small(pixels), None if photo.alpha is None else small(photo.alpha), photo.profile)


# Reading


def _record(description: bytes, name: str) -> DocumentRecord:
    """The checked content of `document.json`."""
    try:
        if is_newer(description):
            raise InputError(f"{name} was saved by a newer Ganvas: update this one to open it.")
        return read_record(description)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(_wrong(name, "document.json", str(error))) from error


def _photo(archive: Archive, record: DocumentRecord, name: str) -> Photo:
    """The photo, decoded from its own bytes."""
    photo = read_photo(archive.read("photo", image_files.MAX_BYTES), f"The entry photo in {name}")
    if (photo.width, photo.height) != (record.photo.width, record.photo.height):
        expected = f"{record.photo.width} x {record.photo.height}"
        raise InputError(_wrong(name, "photo", f"it is {photo.width} x {photo.height} and should be {expected}"))
    return replace(photo, name=plain_name(record.photo.name), source=b"" if record.photo.pasted else photo.source)


def _arrays(content: bytes, name: str) -> dict[str, np.ndarray]:
    """What `arrays.safetensors` holds, every array checked."""
    try:
        arrays = safetensors.numpy.load(content)
    except Exception as error:  # the reader raises its own kinds besides KeyError and ValueError
        raise InputError(_wrong(name, "arrays.safetensors", "it is broken")) from error
    for key, array in arrays.items():
        if fault := _fault(key, array):
            raise InputError(_wrong(name, "arrays.safetensors", f"{key[:80]} is not {fault}"))
    return arrays


def _fault(key: str, array: np.ndarray) -> str:
    """What the array of that name should be and is not; empty where it is right.

    Latents, points and statistics are float32 of known axes; the weights of networks any numbers of at most MAX_AXES.
    """
    axes = next((axes for pattern, axes in _AXES if pattern.fullmatch(key)), None)
    if axes is not None and (array.dtype != np.float32 or array.ndim != axes or not np.isfinite(array).all()):
        return "a matrix of finite numbers" if axes == 2 else "a row of finite numbers"
    if array.dtype.kind not in "fiu" or array.ndim > MAX_AXES or not np.isfinite(array).all():
        return "an array of finite numbers"
    return ""


def _exemplars(archive: Archive, record: DocumentRecord, name: str) -> dict[str, np.ndarray]:
    """The pictures of styles, textures and motifs by entry, their sizes checked before any is decoded."""
    entries = [style_entry(i) for i, style in enumerate(record.styles) if style.exemplar]
    entries += [texture_entry(i) for i in range(len(record.textures))]
    entries += [motif_entry(i) for i in range(len(record.motifs))]
    packed = {entry: archive.read(entry, image_files.MAX_BYTES) for entry in entries}
    sizes = [png_size(content) for content in packed.values()]
    if not _fit(sizes):
        wrong = next((entry for entry, size in zip(entries, sizes, strict=True) if not _fit([size])), entries[-1])
        raise InputError(_wrong(name, wrong, f"it is no PNG of at most {MAX_EXEMPLAR_SIDE} pixels a side"))
    pictures = {entry: read_photo(content, f"The entry {entry} in {name}").pixels for entry, content in packed.items()}
    for entry, pixels in pictures.items():
        if pixels.dtype != np.uint8:
            raise InputError(_wrong(name, entry, "it has more than 8 bits a sample"))
    return pictures


def _fit(sizes: Sequence[tuple[int, ...]]) -> bool:
    """Whether pictures of these sizes (width, height) can be exemplars, each of them and all together."""
    sides = [side for size in sizes for side in size]
    within = all(1 <= side <= MAX_EXEMPLAR_SIDE for side in sides)
    return within and sum(width * height for width, height in sizes) <= MAX_EXEMPLAR_PIXELS


def _patches(archive: Archive, records: tuple[PatchRecord, ...], photo: Photo, name: str) -> list[Patch]:
    """All patches, their sizes checked before any is decoded."""
    entries = [(f"patches/{number}.png", f"patches/{number}-support.png") for number in range(len(records))]
    packed = [tuple(archive.read(entry, image_files.MAX_BYTES) for entry in pair) for pair in entries]
    sizes = [[png_size(content) for content in pair] for pair in packed]
    if sum(width * height for pair in sizes for width, height in pair) > 2 * MAX_PATCH_PIXELS:
        raise InputError(f"{name} cannot be opened (its patches have too many pixels): open an older copy instead.")
    if any(size[0] != size[1] or 0 in size[0] for size in sizes):
        wrong = next(pair for pair, size in zip(entries, sizes, strict=True) if size[0] != size[1] or 0 in size[0])
        raise InputError(_wrong(name, wrong[0], "it and its support are not two PNGs of one size"))
    parts = zip(records, packed, entries, strict=True)
    return [_patch(record, pair, entry[0], photo, name) for record, pair, entry in parts]


def _patch(record: PatchRecord, packed: tuple[bytes, ...], entry: str, photo: Photo, name: str) -> Patch:
    """The patch in two PNGs."""
    pixels, support = (read_photo(content, f"The entry {entry} in {name}").pixels for content in packed)
    try:
        if pixels.dtype != photo.pixels.dtype:
            raise ValueError("it is of another depth than the photo")
        return Patch(record.x, record.y, pixels, frozen(support[..., 0]))
    except ValueError as error:
        raise InputError(_wrong(name, entry, str(error))) from error


def _wrong(name: str, entry: str, reason: str) -> str:
    """What is wrong with an entry, and what to do."""
    return f"{name} cannot be opened (its entry {entry} is wrong: {reason[:300]}): open an older copy instead."
