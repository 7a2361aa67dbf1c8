"""Layer: the dials and switches of the layer being worked on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor.canvas.drop import Use, dropped, uses
from editor.icons import icon
from editor.learning import LEARNING
from editor.panels.controls import button
from editor.panels.dial import Dial
from editor.requests import Request
from editor.session import Session
from engine.document.edit import FusionEdit, Layer, StyleEdit, TextureEdit
from engine.document.style import OCTAVES, ColorsBy

NAME_WIDTH = 92


@dataclass(frozen=True)
class Row:
    """One dial. field: of the layer. to, fro: from the field's value to the one that is shown, and back."""

    field: str
    name: str
    tip: str
    low: float = 0.0
    high: float = 1.0
    unit: str = " %"
    factor: float = 100.0
    logarithmic: bool = False
    decimals: int = 0
    to: Callable[[float], float] = float
    fro: Callable[[float], float] = float


STYLE_ROWS = (
    Row("strength", "Strength", "How far the photo goes towards the style"),
    Row("scale", "Stroke size", "How large the style's brush strokes are on your photo", 0.25, 4, " ×", 1, True, 2),
    Row("keep_color", "Keep colours", "How far the photo keeps its own colours and takes only the style's handwriting"),
    Row("snap", "Keep to edges", "How far what you paint stops at the photo's own edges"),
    Row("crossfade", "Second style", "How much of the second style is mixed in"),
)
TEXTURE_ROWS = (
    Row("scale", "Size", "How large the texture is on your photo", 0.25, 4, " ×", 1, True, 2),
    Row("angle", "Angle", "Which way the texture is turned", -180, 180, "°", 1, to=math.degrees, fro=math.radians),
    Row("match_color", "Match colours", "How far the texture takes the colours of what it covers"),
    Row("snap", "Keep to edges", "How far what you paint stops at the photo's own edges"),
)
FUSION_ROWS = (
    Row("amount", "Amount", "How much of the picture becomes the other's"),
    Row("depth", "Depth", "Where the two meet: at 1 they dissolve into each other, at 4 things take turns",
        1, 4, "", 1, decimals=1),
    Row("detail", "Own detail", "How much of your photo's fine detail stays on what comes from the other picture"),
    Row("scale", "Size", "How large the other picture lies on your photo; at 1 it just covers it", 0.25, 4, " ×", 1,
        True, 2),
    Row("x", "To the right", "Where the other picture lies, from left to right", -1),
    Row("y", "Down", "Where the other picture lies, from top to bottom", -1),
    Row("snap", "Keep to edges", "How far what you paint stops at the photo's own edges"),
)  # fmt: skip
OCTAVE_TIPS = (
    "The finest of it: canvas, paper, noise",
    "The single brush strokes and lines",
    "What repeats: ripples, swirls, hatching",
    "The large masses of colour and light",
)
REFINE_ROW = Row("refine", "Refined", "How far slow, careful optimisation has finished it, or is to finish it")
COLORS_BY = {
    ColorsBy.LUMINANCE: ("Where they are", "Every place keeps its own colour; only light and dark are painted"),
    ColorsBy.STATISTICS: ("As a palette", "The style paints with the photo's colours, wherever it wants to have them"),
}
SWITCHES = {
    "follow": ("Follow the stroke", "The texture runs along each stroke of your brush"),
}


class LayerDials(QWidget):
    """What can be set for the current layer; what its sort has not is not shown."""

    second_style_wanted = Signal()
    second_style_dropped = Signal(object)  # Dropped

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAcceptDrops(True)
        self._hint = QLabel(self.tr(
            "Drop a picture on the photo: it becomes a style or a texture to paint with, or blends with your photo."
        ))  # fmt: skip
        self._hint.setProperty("faint", True)
        self._hint.setWordWrap(True)
        self._dials: list[tuple[type | tuple[type, ...], Row, Dial]] = []
        self._octaves: list[Dial] = []
        self._switches: dict[str, QCheckBox] = {}
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(7)
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._column.addWidget(self._title)
        self._column.addLayout(self._reach())
        for sort, rows in ((StyleEdit, STYLE_ROWS), (TextureEdit, TEXTURE_ROWS), (FusionEdit, FUSION_ROWS)):
            for row in rows:
                self._add_dial(sort, row)
        self._add_octaves()
        self._add_dial((StyleEdit, TextureEdit), REFINE_ROW)
        self._add_switches()
        self._column.addLayout(self._buttons())
        self._column.addStretch()
        self._place()
        session.changed.connect(self.refresh)
        for news in (session.requests.asked, session.requests.finished):
            news.connect(self._note)
        self.refresh()

    def _place(self) -> None:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._body)
        self._scroll = scroll
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._hint.setContentsMargins(8, 8, 8, 8)
        outer.addWidget(self._hint)
        outer.addWidget(scroll, 1)
        outer.addStretch()

    def _reach(self) -> QHBoxLayout:
        """Whole picture, or only where painted."""
        self._whole = button(self.tr("Whole picture"), self.tr("Whole picture"),
                             self.tr("The layer covers the photo but for what you erase"))  # fmt: skip
        self._painted = button(self.tr("Only where painted"), self.tr("Only where painted"),
                               self.tr("The layer is only where you paint it with its brush"))  # fmt: skip
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        for choice in (self._whole, self._painted):
            choice.setCheckable(True)
            choice.setProperty("small", True)
            group.addButton(choice)
            row.addWidget(choice)
        row.addStretch()
        self._whole.clicked.connect(self._session.layering.cover_all)
        self._painted.clicked.connect(self._session.layering.only_painted)
        return row

    def _add_dial(self, sort: type | tuple[type, ...], row: Row) -> None:
        dial = Dial(self.tr(row.name), self.tr(row.tip), row.low, row.high, row.unit, row.factor,
                    logarithmic=row.logarithmic, decimals=row.decimals, column=NAME_WIDTH)  # fmt: skip
        layering = self._session.layering
        dial.turned.connect(lambda value: layering.turn(row.field, row.fro(value), dial.held()))
        dial.released.connect(layering.let_go)
        self._dials.append((sort, row, dial))
        self._column.addWidget(dial)
        if row.field == "keep_color":
            self._add_colors_by()

    def _add_colors_by(self) -> None:
        """What is meant by keeping colours."""
        self._colors_by = QComboBox()
        self._colors_by.setAccessibleName(self.tr("Which colours to keep"))
        for way, (name, tip) in COLORS_BY.items():
            self._colors_by.addItem(self.tr(name), way)
            self._colors_by.setItemData(self._colors_by.count() - 1, self.tr(tip), Qt.ItemDataRole.ToolTipRole)
        self._colors_by.setToolTip(" · ".join(f"{name}: {tip}" for name, tip in COLORS_BY.values()))
        self._colors_by.activated.connect(self._choose_colors)
        row = QHBoxLayout()
        row.addSpacing(NAME_WIDTH + 6)
        row.addWidget(self._colors_by, 1)
        self._column.addLayout(row)

    def _choose_colors(self, place: int) -> None:
        self._session.layering.turn("keep_color_by", ColorsBy(self._colors_by.itemData(place)))

    def _add_octaves(self) -> None:
        layering = self._session.layering
        self._depth = QLabel(self.tr("How deep the style goes"))
        self._depth.setProperty("faint", True)
        self._column.addWidget(self._depth)
        for i, (name, tip) in enumerate(zip(OCTAVES, OCTAVE_TIPS, strict=True)):
            dial = Dial(self.tr(name.capitalize()), self.tr(tip), 0, 1, " %", 100, column=NAME_WIDTH)
            dial.turned.connect(lambda value, i=i, dial=dial: layering.turn_octave(i, value, dial.held()))
            dial.released.connect(layering.let_go)
            self._octaves.append(dial)
            self._column.addWidget(dial)

    def _add_switches(self) -> None:
        for field, (name, tip) in SWITCHES.items():
            box = QCheckBox(self.tr(name))
            box.setToolTip(self.tr(tip))
            box.setAccessibleName(self.tr(name))
            box.clicked.connect(lambda on, field=field: self._session.layering.turn(field, on))
            self._switches[field] = box
            self._column.addWidget(box)

    def _buttons(self) -> QVBoxLayout:
        self._another = QPushButton(icon("another"), self.tr("Another one"))
        self._another.setToolTip(self.tr("Another of the endless pictures it can make"))
        self._another.clicked.connect(self._session.layering.another)
        self._second = QPushButton(icon("style-brush"), self.tr("Mix in a second style…"))
        self._second.setToolTip(
            self.tr("Take a second picture, and blend its manner with this one's; or drop one here")
        )
        self._second.clicked.connect(self._mix)
        self._refine = QPushButton(icon("refine"), "")
        self._refine.setToolTip(
            self.tr("Finish it by slow, careful optimisation: minutes. You see it get better; Stop keeps what there is")
        )
        self._refine.clicked.connect(self._session.layering.refine)
        self._train = QPushButton(icon("train"), "")
        self._train.clicked.connect(self._session.learning.learn_more)
        column = QVBoxLayout()
        for widget in (self._another, self._second, self._refine, self._train):
            column.addWidget(widget)
        return column

    def refresh(self) -> None:
        """Show the layer as it is."""
        layer = self._session.layer
        self._hint.setVisible(layer is None)
        self._scroll.setVisible(layer is not None)
        if layer is None:
            return
        style = isinstance(layer, StyleEdit)
        self._whole.setChecked(layer.whole)
        self._painted.setChecked(not layer.whole)
        for sort, row, dial in self._dials:
            dial.setVisible(isinstance(layer, sort) and _wanted(row, layer))
            if isinstance(layer, sort):
                dial.show_value(row.to(getattr(layer, row.field)))
        for i, dial in enumerate(self._octaves):
            dial.setVisible(style)
            if isinstance(layer, StyleEdit):
                dial.show_value(layer.octaves[i])
        self._depth.setVisible(style)
        self._show_ways(layer)
        for field, box in self._switches.items():
            box.setVisible(hasattr(layer, field))
            box.setChecked(bool(getattr(layer, field, False)))
        self._show_source(layer)

    def _show_ways(self, layer: Layer) -> None:
        """How colours are kept, and whether there is more to refine."""
        self._colors_by.setVisible(isinstance(layer, StyleEdit))
        if isinstance(layer, StyleEdit):
            self._colors_by.setEnabled(layer.keep_color > 0)
            self._colors_by.setCurrentIndex(list(COLORS_BY).index(layer.keep_color_by))
        done = layer.refine if isinstance(layer, (StyleEdit, TextureEdit)) else 1.0
        self._refine.setVisible(done < 1)
        self._refine.setText(self.tr("Go on refining") if done > 0 else self.tr("Refine"))

    def _show_source(self, layer: Layer) -> None:
        """What the layer paints with, and what can be done with that."""
        if isinstance(layer, StyleEdit):
            self._title.setText("<br>".join(described(style) for style in layer.styles))
            two = len(layer.styles) == 2
            self._second.setText(self.tr("Leave out the second style") if two else self.tr("Mix in a second style…"))
            style = layer.styles[0]
            learning = self._session.learning.is_learning(style.id)
            again = self.tr("Train longer") if style.network else self.tr("Train this style")
            self._train.setText(self.tr("Training…") if learning else again)
            self._train.setEnabled(not learning)
            self._train.setToolTip(self.tr(
                "Teach a network this one style, in about ten minutes in the background: quicker and truer. "
                "Stop puts to use what it has learned by then"
            ))  # fmt: skip
            self._train.setVisible(style.exemplar is not None)
        elif isinstance(layer, FusionEdit):
            note = self.tr("blended in")
            self._title.setText(f"<b>{escape(layer.motif.name)}</b> <span style='color:#969696'>{note}</span>")
            self._train.setVisible(False)
        else:
            learned = self.tr("learned for {n:.0f} s").format(n=layer.texture.seconds)
            learning = self._session.learning.is_learning(layer.texture.id)
            note = self.tr("learning…") if learning else learned if layer.texture.network else ""
            self._title.setText(f"<b>{escape(layer.texture.name)}</b> <span style='color:#969696'>{note}</span>")
            self._train.setEnabled(True)
            self._train.setText(self.tr("Learn longer"))
            self._train.setToolTip(self.tr("Let the texture learn for two more minutes in the background"))
            self._train.setVisible(not learning)
        self._second.setVisible(isinstance(layer, StyleEdit))
        network = isinstance(layer, StyleEdit) and len(layer.styles) == 1 and bool(layer.styles[0].network)
        self._another.setVisible(isinstance(layer, TextureEdit) or network)

    def _note(self, request: Request) -> None:
        """A texture or a style begins to learn, or has done so."""
        layer = self._session.layer
        if layer is not None and isinstance(request.job, LEARNING):
            self._show_source(layer)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A second style can be dropped here."""
        if isinstance(self._session.layer, StyleEdit) and Use.STYLE in uses(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Mix it in."""
        event.acceptProposedAction()
        self.second_style_dropped.emit(dropped(event.mimeData(), Use.STYLE))

    def _mix(self) -> None:
        layer = self._session.layer
        if isinstance(layer, StyleEdit) and len(layer.styles) == 2:
            self._session.layering.unmix()
        else:
            self.second_style_wanted.emit()


def _wanted(row: Row, layer: Layer) -> bool:
    """Whether the dial means something for a layer of its sort."""
    if row.field == "crossfade":
        return isinstance(layer, StyleEdit) and len(layer.styles) == 2
    return row.field != "refine" or bool(getattr(layer, "refine", 0.0) > 0)


def described(style: object) -> str:
    """Name, and painter and year where they are known."""
    name, *rest = (escape(str(getattr(style, field))) for field in ("name", "artist", "year"))
    more = ", ".join(filter(None, rest))
    return f"<b>{name}</b>" + (f" <span style='color:#969696'>{more}</span>" if more else "")
