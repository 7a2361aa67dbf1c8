"""Window: places the panes and wires them to the session. What things do is in the session and the panels."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QShortcut
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QWidget,
)

from editor.actions import ACTIONS, fill_menus, make_actions
from editor.canvas.canvas import Canvas
from editor.commands import Commands, Comparing, RecentMenu
from editor.dropping import Dropping
from editor.features import FeaturesMenu
from editor.files import Files
from editor.icons import icon
from editor.panels.brush import BrushOptions, EditOptions
from editor.panels.candidates import Candidates
from editor.panels.controls import button
from editor.panels.latent_map import LatentMap
from editor.panels.layer import LayerDials
from editor.panels.layers import Layers
from editor.panels.library import LibraryPanel
from editor.panels.message_bar import MessageBar
from editor.panels.progress import Progress
from editor.panels.sliders import Sliders
from editor.panels.start import StartPage
from editor.panels.strokes import Strokes
from editor.panels.timeline import Timeline
from editor.places import home
from editor.player import Player
from editor.requests import Request
from editor.session import Message, Session
from editor.stage import Stage
from editor.tools import TOOLS
from engine.document.edit import StyleEdit, TextureEdit
from engine.document.job import Install, Project
from engine.document.library import FOLDER, Library

BRUSH_SHARE = 0.045  # of the face's frame: the radius of the first brush

NEEDS = {"protect": "change", "erase": "change"}  # of tools, what must be there; a photo for the others


class Window(QMainWindow):
    """The main window over one session."""

    def __init__(self, session: Session, settings: QSettings) -> None:
        super().__init__()
        self.setWindowTitle("Ganvas")
        self.resize(1280, 820)
        self.session, self.settings = session, settings
        self.files = Files(session, settings, self)
        self.player = Player(session)
        self.canvas = Canvas()
        self.canvas.stroke_moved.connect(self.player.leave)  # before the stage, which asks for a preview of it
        self.stage = Stage(session, self.canvas)
        self.player.shown.connect(self.stage.show_picture)
        self.commands = Commands(self)
        self.library = Library(home() / FOLDER)
        self.dropping = Dropping(self, self.library)
        self.acts = make_actions(self)
        self._place_center()
        self._place_tools()
        self._place_options()
        self._place_docks()
        self._place_status()
        self._place_menus()
        self._wire()
        self.refresh()
        self._restore_state()

    # Placing

    def _place_center(self) -> None:
        self.start = StartPage(self.acts["open"])
        self.start.show_recent(self.files.recent())
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(self.canvas)
        self.setCentralWidget(self.pages)
        self.messages = MessageBar(self.acts, self.pages, self.canvas.handles)

    def _place_tools(self) -> None:
        bar = QToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)  # none while nothing is open
        self.tool_actions: dict[str, QAction] = {}
        for tool in TOOLS:
            action = QAction(icon(tool.icon), self.tr(tool.text), group)
            action.setCheckable(True)
            action.setShortcut(tool.shortcut)
            action.setToolTip(f"{tool.text} ({tool.shortcut})\n{tool.tip}")
            action.setData(tool.id)
            bar.addAction(action)
            self.tool_actions[tool.id] = action
        group.triggered.connect(self._take_tool)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)

    def _place_options(self) -> None:
        bar = QToolBar(self.tr("Options"))
        bar.setObjectName("options")
        bar.setMovable(False)
        bar.addWidget(BrushOptions(self.session))
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spacer)
        bar.addWidget(EditOptions(self.session))
        compare = self.tr("Hold to see the photo as it was")
        self._compare = button(icon("compare"), compare, f"{compare} (C or \\)")
        bar.addWidget(self._compare)
        bar.addActions([self.acts["undo"], self.acts["redo"]])
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _place_docks(self) -> None:
        self.candidates, self.strokes = Candidates(self.session), Strokes(self.session)
        self.layers, self.dials = Layers(self.session, self.library.swatch), LayerDials(self.session)
        self.shelf = LibraryPanel(self.session, self.library)
        self.timeline, self.sliders = Timeline(self.session, self.player, self.acts), Sliders(self.session)
        self.map = LatentMap(self.session)
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        self.docks = [
            self._dock("candidates", self.tr("Candidates"), self.candidates, right),
            self._dock("layer", self.tr("Layer"), self.dials, right),
            self._dock("library", self.tr("Library"), self.shelf, right),
            self._dock("sliders", self.tr("Sliders"), self.sliders, right),
            self._dock("layers", self.tr("Layers"), self.layers, right),
            self._dock("strokes", self.tr("Strokes"), self.strokes, right),
            self._dock("timeline", self.tr("States"), self.timeline, bottom),
            self._dock("map", self.tr("Map"), self.map, right),
        ]
        answers, layer, library, sliders, layers, strokes, states, plane = self.docks
        self.tabifyDockWidget(answers, sliders)
        self.tabifyDockWidget(sliders, plane)
        self.tabifyDockWidget(plane, layer)
        self.tabifyDockWidget(layer, library)
        self.tabifyDockWidget(layers, strokes)
        for dock in (answers, sliders, plane, layer, library, layers, strokes):
            dock.setTitleBarWidget(QWidget())  # the tabs have the names already
        answers.raise_()
        layers.raise_()
        self.setTabPosition(right, QTabWidget.TabPosition.North)
        self.resizeDocks([answers, layers], [356, 356], Qt.Orientation.Horizontal)  # all tabs with their names
        self.resizeDocks([answers, layers], [380, 280], Qt.Orientation.Vertical)
        self.resizeDocks([states], [160], Qt.Orientation.Vertical)
        self.setCorner(Qt.Corner.BottomRightCorner, right)

    def _dock(self, id: str, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(id)
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        return dock

    def _place_status(self) -> None:
        self.progress = Progress(self.session.requests)
        self.progress.interactive.stop.clicked.connect(self.session.cancel)
        self.zoom = QLabel()
        self.size_label = QLabel()
        for label in (self.zoom, self.size_label):
            label.setProperty("faint", True)
            self.statusBar().addWidget(label)
        self.statusBar().addPermanentWidget(self.progress)
        self.statusBar().setSizeGripEnabled(False)

    def _place_menus(self) -> None:
        panes = QMenu(self.tr("&Panels"), self)
        panes.addActions([dock.toggleViewAction() for dock in self.docks])
        features = FeaturesMenu(self.session, self.settings, self)
        submenus = {"recent": RecentMenu(self.files, self), "panes": panes, "features": features}
        fill_menus(self.menuBar(), self.acts, submenus)

    # Wiring

    def _wire(self) -> None:
        session = self.session
        session.said.connect(self.say)
        session.opened.connect(self._show_canvas)
        session.changed.connect(self.refresh)
        session.changed.connect(self._show_dials)
        session.brush.changed.connect(self.refresh)
        session.placing.changed.connect(self.refresh)
        session.placing.changed.connect(self.messages.place)
        session.placing.projected.connect(self._begin_painting)
        session.requests.asked.connect(self._hush)
        self.files.changed.connect(self.refresh)
        self.files.folder_found.connect(self.commands.train_folder)
        self.canvas.dropped.connect(self.dropping.take)
        self.canvas.lassoed.connect(self.dropping.lasso)
        self.layers.style_wanted.connect(self.dropping.open_style)
        self.layers.texture_wanted.connect(self.dropping.open_texture)
        self.layers.blend_wanted.connect(self.dropping.open_blend)
        self.shelf.style_chosen.connect(self.dropping.add_style)
        self.shelf.texture_chosen.connect(self.dropping.add_texture)
        self.dials.second_style_wanted.connect(self.dropping.open_second_style)
        self.dials.second_style_dropped.connect(self.dropping.mix)
        self.sliders.teaching_wanted.connect(self.commands.teach_slider)
        self.sliders.difference_wanted.connect(self.commands.make_difference)
        self.canvas.zoom_changed.connect(self._show_zoom)
        self.start.dropped.connect(self.files.take)
        self.start.chosen.connect(self.files.open_path)
        self._sort: type = type(None)
        self._comparing = Comparing(self.canvas, self._compare, self)
        tab = QShortcut(Qt.Key.Key_Tab, self.canvas)
        tab.setContext(Qt.ShortcutContext.WidgetShortcut)
        tab.activated.connect(self.acts["panels"].toggle)
        self.acts["strokes"].setChecked(True)

    def refresh(self) -> None:
        """Show names, and offer what can be done."""
        session = self.session
        history = session.history
        have = {
            "": True,
            "photo": history is not None,
            "edit": session.edit is not None,
            "layer": session.layer is not None,
            "matter": isinstance(session.layer, (StyleEdit, TextureEdit)),
            "change": session.current is not None,
            "frame": session.placing.active and session.placing.current is not None,
            "undo": bool(history and history.undo_label),
            "redo": bool(history and history.redo_label),
        }
        for row in ACTIONS:
            self.acts[row.id].setEnabled(have[row.needs])
        for id, label in (("undo", history and history.undo_label), ("redo", history and history.redo_label)):
            self.acts[id].setText(f"&{id.capitalize()} {label or ''}".strip())
        document = session.document
        for id, action in self.tool_actions.items():
            of_face = id in ("color", "sketch", "warp")
            usable = document is not None and bool(document.manifold_edits) if of_face else have[NEEDS.get(id, "photo")]
            action.setEnabled(usable)
            in_hand = "frame" if session.placing.active else session.brush.tool
            action.setChecked(id == in_hand and have["photo"])
        self._compare.setEnabled(have["change"])
        self.setWindowTitle(f"{self.files.title()}[*] — Ganvas" if have["photo"] else "Ganvas")
        self.setWindowModified(self.files.unsaved())

    def _show_dials(self) -> None:
        """Bring forward what belongs to the sort of edit that comes to be worked on."""
        sort = type(self.session.current)
        if sort is not self._sort and self.session.current is not None:
            self._sort = sort
            self.docks[0 if self.session.edit is not None else 1].raise_()
            self.messages.hide()

    def say(self, message: Message) -> None:
        """Show one line above the picture."""
        self.messages.say(message)

    def _hush(self, request: Request) -> None:
        """What the message asked for is being done."""
        if isinstance(request.job, (Project, Install)):
            self.messages.hide()

    def _show_canvas(self) -> None:
        photo = self.session.entry.document.photo
        self.pages.setCurrentWidget(self.canvas)
        self.canvas.setFocus()
        depth = "" if photo.pixels.dtype.itemsize == 1 else self.tr(", 16 bit")
        self.size_label.setText(f"{photo.width} × {photo.height}{depth}")
        self.messages.hide()
        self._begin_painting()

    def _show_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{100 * zoom:.0f} %")

    def _take_tool(self, action: QAction) -> None:
        if action.data() == "frame":
            self.session.placing.start_or_find()
        else:
            self.session.layering.reach_for(action.data())
            self.session.brush.set_tool(action.data())
            self.session.placing.leave()

    def _begin_painting(self) -> None:
        """Where there is a face to paint on, put a brush that fits it into the hand."""
        edit, brush = self.session.edit, self.session.brush
        if edit is not None and not brush.paints():
            brush.set_radius(edit.frame.size * BRUSH_SHARE)
            brush.set_tool("color")
        self.messages.hide()

    def _restore_state(self) -> None:
        for name, restore in (("geometry", self.restoreGeometry), ("panes", self.restoreState)):
            kept = self.settings.value(f"window/{name}")
            if isinstance(kept, QByteArray):
                restore(kept)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, and remember how the window was set up."""
        if not (self.commands.may_stop_work() and self.files.may_leave()):
            event.ignore()
            return
        self.settings.setValue("window/geometry", self.saveGeometry())
        if not self.acts["panels"].isChecked():
            self.settings.setValue("window/panes", self.saveState())
        self.player.pause()
        self.files.close()
        super().closeEvent(event)
