"""Layering: what the artist does to layers. Every change is one undo step, every dial drag too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from editor.debts import ERASES, PAINTS, is_bare
from editor.history import Owes
from editor.painting import NAMES
from engine.document.blending import Blend
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, StyleEdit, TextureEdit
from engine.document.motif import Motif
from engine.document.sequence import Keyframe
from engine.document.stroke import Stroke, StrokeKind, new_id
from engine.document.style import Style
from engine.document.texture import Texture

if TYPE_CHECKING:
    from editor.session import Session

LABELS = {
    "strength": "Strength", "crossfade": "Mix of styles", "scale": "Size", "octaves": "Grain to composition",
    "keep_color": "Keep colours", "keep_color_by": "Which colours to keep", "snap": "Keep to edges", "angle": "Angle",
    "match_color": "Match colours", "follow": "Follow the stroke", "refine": "Refine", "seed": "Another one",
    "amount": "Amount", "depth": "Depth", "detail": "Own detail", "x": "Place", "y": "Place",
}  # fmt: skip
SORTS: dict[str, tuple[type, ...]] = {"style": (StyleEdit, FusionEdit), "texture": (TextureEdit,)}  # by their brush
WITHOUT_PAINT = {"opacity": "Opacity", "blend": "Blend mode"}
LONGEST_NAME = 80  # characters
BRUSH_SHARE = 0.05  # of the photo's long side: the radius of the first brush on a layer
SAID = {
    StrokeKind.STYLE: "There is no style to paint with yet: drop a picture on the photo, or take one from the library.",
    StrokeKind.TEXTURE: "There is no texture to paint with yet: drop a picture on the photo, or lasso a part of it.",
}


class Layering(QObject):
    """Changes of the layers; most are of the one being worked on. following: the hand is drawing on it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.following = False
        self._current: str | None = None
        self._sized = False  # whether the brush has been given a size for layers
        session.opened.connect(self._forget)
        session.changed.connect(self._follow_current)

    # Layers come and go

    def add_style(self, style: Style) -> None:
        """Repaint the photo in that style; a new layer above all others."""
        self._add(f"Style “{style.name}”", StyleEdit((style,)))
        self._session.learning.fit(style)

    def add_texture(self, texture: Texture, scale: float = 1.0) -> None:
        """A new layer above all others, to be painted with that texture. scale: against the exemplar's pixels."""
        self._add(f"Texture “{texture.name}”", TextureEdit(texture, scale=min(max(scale, 0.25), 4.0)))

    def add_blend(self, motif: Motif) -> None:
        """Blend the photo with another picture; a new layer above all others."""
        self._add(f"Blend with “{motif.name}”", FusionEdit(motif))

    def _add(self, label: str, layer: Layer) -> None:
        session = self._session
        if session.document is None:
            return
        document = session.document
        if not document.sequence.keyframes:  # the movie begins with the photo, and the layer grows on it
            document = document.with_keyframe(Keyframe(document.edits, "Photo"))
        owes = {} if is_bare(layer) else {layer.id: Owes.PATCH}
        session.commit(label, document.with_edit(layer), owes=owes, current=layer.id)

    def mix(self, style: Style) -> None:
        """Half of another style into the current style layer, in the place of the second it may have."""
        layer = self._session.layer
        if isinstance(layer, StyleEdit):
            share = layer.crossfade or 0.5
            self._change(f"Mix in “{style.name}”", True, styles=(layer.styles[0], style), crossfade=share)
            self._session.learning.fit(style)

    def unmix(self) -> None:
        """Only the first style again."""
        layer = self._session.layer
        if isinstance(layer, StyleEdit) and len(layer.styles) == 2:
            self._change("One style", True, styles=layer.styles[:1], crossfade=0.0)

    def duplicate(self) -> None:
        """The current layer once more, just above itself."""
        session, layer = self._session, self._session.layer
        if session.document is None or layer is None:
            return
        copy = replace(layer, id=new_id())
        place = session.document.place(layer.id) + 1
        edits = session.document.edits
        document = replace(session.document, edits=(*edits[:place], copy, *edits[place:]))
        owes = {} if is_bare(copy) or not copy.visible else {copy.id: Owes.PATCH}
        session.commit("Duplicate layer", document, owes=owes, current=copy.id)

    def delete(self, id: str = "") -> None:
        """Remove a layer, or a face's change; the current one without an id."""
        session = self._session
        id = id or session.entry.current or ""
        if session.document is None or all(edit.id != id for edit in session.document.edits):
            return
        session.requests.cancel()
        session.show_overlay(None)
        layer = not isinstance(session.document.edit(id), ManifoldEdit)
        session.commit("Remove layer", session.document.without_edit(id))
        if not layer:
            session.placing.recall()
        session.settle()

    def rename(self, id: str, name: str) -> None:
        """Call a layer, or a face's change, by another name; without one it goes by what it paints with."""
        session, name = self._session, name.strip()[:LONGEST_NAME]
        if session.document is None or all(edit.id != id for edit in session.document.edits):
            return
        edit = session.document.edit(id)
        if edit.name != name:
            renamed: Edit = replace(edit, name=name)
            session.commit("Rename layer", session.document.with_edit(renamed))

    def reorder(self, ids: tuple[str, ...]) -> None:
        """Put the layers in the order of `ids`, lowest first; faces stay below all layers."""
        session = self._session
        if session.document is None:
            return
        document = session.document.with_order(ids)
        if document.edits != session.document.edits:
            session.commit("Reorder layers", document)
        else:
            session.changed.emit()  # a row was dragged to where it may not lie: the list shows the order as it is

    def lift(self) -> None:
        """The current layer one place up."""
        self._shift(1)

    def lower(self) -> None:
        """The current layer one place down."""
        self._shift(-1)

    def _shift(self, way: int) -> None:
        session, layer = self._session, self._session.layer
        if session.document is not None and layer is not None:
            ids = [edit.id for edit in session.document.edits]
            place = ids.index(layer.id)
            ids.insert(max(place + way, 0), ids.pop(place))
            self.reorder(tuple(ids))

    # Strokes

    def follow(self, stroke: Stroke) -> None:
        """Preview a stroke that the hand is still drawing."""
        layer = self._session.layer
        if layer is not None and self._takes(layer, stroke):
            self.following = True
            layer = replace(layer, strokes=(*layer.strokes, stroke))
            self._session.settling.preview(layer)

    def finish(self, stroke: Stroke) -> None:
        """Add a finished stroke to the current layer, and paint it at full size."""
        self.following = False
        session, layer = self._session, self._session.layer
        if layer is None or not self._fits(layer, stroke.kind):
            session.say(SAID.get(stroke.kind, "Find it in the model first: set the frame on it and press Enter."))
        elif not layer.visible:
            session.say("This layer is hidden: click its eye to paint on it.")
        elif not self._takes(layer, stroke):
            whole = not isinstance(layer, TextureEdit) and stroke.kind is StrokeKind.STYLE
            text = "This layer covers the whole picture already. Erase parts of it, or have it only where you paint."
            session.say(text if whole else "There is nothing to erase yet: paint on the layer first.",
                        "layer-painted" if whole else "")  # fmt: skip
        else:
            self.set_strokes(NAMES[stroke.kind], (*layer.strokes, stroke))

    def set_strokes(self, label: str, strokes: tuple[Stroke, ...], group: str = "") -> None:
        """Other strokes on the current layer."""
        self._change(label, True, group, strokes=strokes)

    def _takes(self, layer: Layer, stroke: Stroke) -> bool:
        """Whether the stroke can be seen to do something on the layer."""
        if not self._fits(layer, stroke.kind) or not layer.visible:
            return False
        if stroke.kind in PAINTS:
            return not layer.whole or any(s.visible and s.kind in ERASES for s in layer.strokes)
        return not is_bare(layer)

    @staticmethod
    def _fits(layer: Layer, kind: StrokeKind) -> bool:
        own = StrokeKind.TEXTURE if isinstance(layer, TextureEdit) else StrokeKind.STYLE
        return kind is own or kind in ERASES

    # Dials and switches

    def turn(self, name: str, value: object, held: bool = False) -> None:
        """Set a dial or a switch of the current layer by the name of its field.

        held: the hand still drags it, so that the layer is only previewed; `let_go` ends that.
        """
        layer = self._session.layer
        if layer is None or not hasattr(layer, name) or getattr(layer, name) == value:
            return
        self._session.settling.held = held and name in LABELS
        label = LABELS.get(name) or WITHOUT_PAINT[name]
        self._change(label, name in LABELS, f"{name} {layer.id}", **{name: value})
        self._session.settling.held = False
        if not isinstance(value, (float, tuple)):  # a switch is a gesture of its own
            self._session.painting.end_gesture()

    def turn_octave(self, octave: int, share: float, held: bool = False) -> None:
        """How much of the style's grain (0), stroke, pattern or composition (3) is taken, 0..1."""
        layer = self._session.layer
        if isinstance(layer, StyleEdit):
            self.turn("octaves", tuple(share if i == octave else o for i, o in enumerate(layer.octaves)), held)

    def let_go(self) -> None:
        """The hand let go of a dial: paint at full size, and the next move is an undo step of its own."""
        if self._session.history is not None:
            self._session.painting.end_gesture()
            request = self._session.requests.interactive()
            if request is None or not getattr(request.job, "settle", True):
                self._session.settle()

    def refine(self) -> None:
        """Finish the current layer by optimisation, or go on where that was stopped."""
        self.turn("refine", 1.0)
        self.let_go()

    def another(self) -> None:
        """Another of the endless pictures that the texture, or the style's own network, makes."""
        layer = self._session.layer
        if isinstance(layer, (StyleEdit, TextureEdit)):
            self.turn("seed", layer.seed + 1)

    def set_whole(self, whole: bool) -> None:
        """Cover the whole picture, or only what is painted."""
        layer = self._session.layer
        if layer is not None and layer.whole != whole:
            self._change("Whole picture" if whole else "Only where painted", True, whole=whole)

    def cover_all(self) -> None:
        """Have the current layer everywhere but where it is erased."""
        self.set_whole(True)

    def only_painted(self) -> None:
        """Have the current layer only where it is painted."""
        self.set_whole(False)
        layer = self._session.layer
        if layer is not None and is_bare(layer):
            self._session.say("Now paint the layer on where you want it.")

    def set_blend(self, blend: Blend) -> None:
        """How the current layer meets what lies below."""
        self.turn("blend", blend)

    def show(self, id: str, visible: bool) -> None:
        """Show or hide a layer, or a face's change."""
        session = self._session
        if session.document is None:
            return
        edit = session.document.edit(id)
        changed: Edit = replace(edit, visible=visible)
        owes: dict[str, Owes] = {}
        if not isinstance(changed, ManifoldEdit):
            if id in session.entry.owes and not visible:
                changed = replace(changed, patch=None)  # an old patch must not be taken for a good one later
            if visible and changed.patch is None and not is_bare(changed):
                owes = {id: Owes.PATCH}
        if not visible and session.showing == id:
            session.requests.cancel()
            session.show_overlay(None)
        session.commit("Show layer" if visible else "Hide layer", session.document.with_edit(changed), owes=owes)
        session.settle()

    def _change(self, label: str, paints: bool, group: str = "", **changes: Any) -> None:
        """The current layer with other values. paints: they make its patch old."""
        session, layer = self._session, self._session.layer
        if session.document is None or layer is None:
            return
        layer = replace(layer, **changes)
        if paints and is_bare(layer):
            session.requests.cancel()
            session.commit(label, session.document.with_edit(replace(layer, patch=None)), group=group)
            session.settling.forgive(layer.id)
        else:
            owes = {layer.id: Owes.PATCH} if paints and layer.visible else None
            layer = layer if layer.visible or not paints else replace(layer, patch=None)
            session.commit(label, session.document.with_edit(layer), owes=owes, group=group)

    # What is in the hand

    def reach_for(self, tool: str) -> None:
        """Work on what the tool paints on: the topmost layer of its sort, or a face."""
        session = self._session
        if session.document is None or tool in (*ERASES, "pick", "frame", "lasso"):
            return
        wanted = SORTS.get(tool, (ManifoldEdit,))
        if isinstance(session.current, wanted):
            return
        found = [edit for edit in session.document.edits if isinstance(edit, wanted)]
        if found:
            session.select(found[-1].id)
        elif tool in SORTS:
            session.say(SAID[StrokeKind(tool)])

    def _forget(self) -> None:
        self._current, self.following, self._sized = None, False, False

    def _follow_current(self) -> None:
        """Where another edit comes to be worked on, put a tool that fits it into the hand."""
        session, brush = self._session, self._session.brush
        current, layer = session.current, session.layer
        id = None if current is None else current.id
        if id == self._current:
            return
        self._current = id
        if layer is not None:
            session.placing.leave()
            if brush.tool not in ERASES:
                brush.set_tool("texture" if isinstance(layer, TextureEdit) else "style")
            if not self._sized:
                self._sized = True
                photo = session.entry.document.photo
                brush.set_radius(BRUSH_SHARE * max(photo.width, photo.height))
        elif current is not None and brush.tool in PAINTS:
            brush.set_tool("color")
