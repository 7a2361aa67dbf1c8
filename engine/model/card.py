"""The card beside a model's weights: what it is, where it comes from, what one may do with it, the weights' hash."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.document.errors import InputError

CARD_LIMIT = 1 << 20


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """How a manifold was trained. data: the pictures, in words. minutes, steps: of generator and critic.

    quality: figures by what they are. device: what it ran on.
    """

    data: str
    command: str
    seed: int
    device: str
    minutes: float
    steps: int
    quality: dict[str, float]


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What card.json says.

    id: name of the manifold. network: architecture. resolution: side of the picture in pixels. layers x width: shape of
    a latent. weights: file name beside the card; sha256 and size in bytes are of that file. licence: of the weights;
    lineage: what they were made from, in words. layout: how the subject lies in the square (`ffhq`: eyes level, a
    quarter of the side apart; `scene`: a place, which goes on beyond); empty where it may lie anyhow. trained: of a
    manifold that this program trained. classes: names of those it was told.
    """

    id: str
    title: str
    network: str
    weights: str
    sha256: str
    size: int
    resolution: int
    layers: int
    width: int
    licence: str
    lineage: str
    source: str
    layout: str = ""
    trained: Trained | None = None
    classes: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """The card as readable JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_card(path: Path) -> Card:
    """InputError when the card is missing, too large or not a card."""
    try:
        with path.open("rb") as stream:
            text = stream.read(CARD_LIMIT + 1)
        if len(text) > CARD_LIMIT:
            raise InputError(f"{path} is too large to be a model card: install the model again")
        return msgspec.json.decode(text, type=Card)
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(f"the model card {path} cannot be read ({error}): install the model again") from error
