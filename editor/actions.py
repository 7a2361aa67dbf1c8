"""Actions: the one table of what can be done, from which menus, shortcuts and buttons are made.

A handler is a dotted name looked up from the window: `session.undo` is `window.session.undo`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from editor.icons import icon


@dataclass(frozen=True)
class Act:
    """One row. keys: shortcuts, the first is shown. tip: plain words. needs: what must be there for it to be offered:
    '' nothing, 'photo' a document, 'edit' a projected face being worked on, 'layer' a layer,
    'matter' one with a style or a texture, 'change' a face or a layer, 'frame' a chosen frame, 'undo', 'redo'."""

    id: str
    text: str
    handler: str
    tip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    needs: str = ""
    checkable: bool = False


ACTIONS: tuple[Act, ...] = (
    Act("open", "&Open…", "files.open", "Open a photo or a Ganvas document", ("Ctrl+O",), "open"),
    Act(
        "save", "&Save", "files.save", "Save the document: photo, strokes and kept states",
        ("Ctrl+S",), "save", "photo",
    ),
    Act(
        "save-as", "Save &As…", "files.save_as", "Save the document under another name",
        ("Ctrl+Shift+S",), "save-as", "photo",
    ),
    Act(
        "export-picture", "&Export Picture…", "files.export_picture",
        "Write the picture at the photo's full size, with its colour profile and metadata",
        ("Ctrl+E",), "export", "photo",
    ),
    Act(
        "export-movie", "Export &Movie…", "commands.export_movie",
        "Write the kept states as a movie that runs from one to the next", ("Ctrl+Shift+E",), "movie", "change",
    ),
    Act("quit", "&Quit", "close", "Close the program; it asks before anything is lost", ("Ctrl+Q",)),
    Act("undo", "&Undo", "session.undo", "Take the last step back", ("Ctrl+Z",), "undo", "undo"),
    Act("redo", "&Redo", "session.redo", "Bring the step back", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "redo"),
    Act("copy", "&Copy Picture", "files.copy", "Copy the picture to the clipboard", ("Ctrl+C",), "", "photo"),
    Act("paste", "&Paste as New", "files.paste", "Open the picture that is on the clipboard", ("Ctrl+V",)),
    Act(
        "clear", "C&lear Strokes", "session.painting.clear", "Remove all strokes of this layer",
        ("Delete",), "delete", "change",
    ),
    Act(
        "open-style", "New &Style Layer from a Picture…", "dropping.open_style",
        "Repaint the photo in the manner of a picture", ("Ctrl+Shift+O",), "style-brush", "photo",
    ),
    Act(
        "open-texture", "New &Texture Layer from a Picture…", "dropping.open_texture",
        "Make a texture brush of a picture", ("Ctrl+Shift+T",), "texture-brush", "photo",
    ),
    Act(
        "open-blend", "New Semantic &Blend with a Picture…", "dropping.open_blend",
        "Blend the photo with another picture: its things stand among those of the photo",
        ("Ctrl+Shift+B",), "blend", "photo",
    ),
    Act(
        "paste-style", "Paste as St&yle", "dropping.paste_style",
        "Repaint the photo in the manner of the picture on the clipboard", ("Ctrl+Shift+V",), "", "photo",
    ),
    Act(
        "paste-texture", "Paste as Te&xture", "dropping.paste_texture",
        "Make a texture brush of the picture on the clipboard", ("Ctrl+Alt+V",), "", "photo",
    ),
    Act(
        "paste-blend", "Paste as Ble&nd", "dropping.paste_blend",
        "Blend the photo with the picture on the clipboard", ("Ctrl+Alt+B",), "", "photo",
    ),
    Act(
        "duplicate-layer", "&Duplicate Layer", "session.layering.duplicate", "The layer once more, above itself",
        ("Ctrl+J",), "duplicate", "layer",
    ),
    Act(
        "delete-layer", "&Remove Layer", "session.layering.delete", "Remove the layer and what it changes",
        ("Shift+Del",), "delete", "change",
    ),
    Act("lift-layer", "Move &Up", "session.layering.lift", "The layer one place up", ("Ctrl+PgUp",), "", "layer"),
    Act(
        "lower-layer", "Move D&own", "session.layering.lower", "The layer one place down",
        ("Ctrl+PgDown",), "", "layer",
    ),
    Act(
        "layer-whole", "&Whole Picture", "session.layering.cover_all",
        "The layer covers the photo but for what you erase", (), "", "layer",
    ),
    Act(
        "layer-painted", "Only Where &Painted", "session.layering.only_painted",
        "The layer is only where you paint it with its brush", (), "", "layer",
    ),
    Act(
        "another", "&Another One", "session.layering.another", "Another of the endless pictures it can make",
        ("N",), "another", "matter",
    ),
    Act(
        "refine", "&Refine", "session.layering.refine", "Finish the layer by slow, careful optimisation: minutes",
        (), "refine", "matter",
    ),
    Act(
        "learn-more", "Trai&n Longer", "session.learning.learn_more",
        "Teach the texture, or a network for this one style, in the background", (), "train", "matter",
    ),
    Act("swap-colors", "S&wap Colours", "session.brush.swap_colors", "Paint with the other colour", ("X",)),
    Act("reset-colors", "&Default Colours", "session.brush.reset_colors", "Back to the two first colours", ("D",)),
    Act("larger", "&Larger Brush", "session.brush.grow", "A larger brush", ("]",)),
    Act("smaller", "S&maller Brush", "session.brush.shrink", "A smaller brush", ("[",)),
    Act(
        "find", "Look for &Faces Again", "session.placing.find",
        "Look over the whole photo and offer a frame for every face", ("F5",), "face", "photo",
    ),
    Act(
        "add-frame", "&Add a Frame", "session.placing.add", "One more frame, to set by hand",
        ("Shift+F",), "frame", "photo",
    ),
    Act(
        "project", "Find &This in the Model", "session.placing.project",
        "Find what is under the frame in the model, so that it can be painted on", ("Return", "Enter"), "", "frame",
    ),
    Act("cancel", "&Stop", "commands.stop", "Stop what is running and keep the best so far", ("Escape",), "stop"),
    Act(
        "keep", "&Keep This State", "session.sequencing.keep",
        "Keep the picture as it is now as the next step of the movie", ("M", "Ins"), "keyframe", "change",
    ),
    Act("play", "&Play", "player.toggle", "Play the kept states one after another", ("Ctrl+P",), "play", "change"),
    Act("zoom-in", "Zoom &In", "commands.zoom_in", "Closer", ("Ctrl++", "Ctrl+=", "+"), "zoom-in", "photo"),
    Act("zoom-out", "Zoom &Out", "commands.zoom_out", "Farther away", ("Ctrl+-", "-"), "zoom-out", "photo"),
    Act("fit", "&Fit", "canvas.fit", "The whole photo", ("Ctrl+0", "0"), "zoom-fit", "photo"),
    Act(
        "actual", "&Actual Pixels", "canvas.actual", "One photo pixel for one screen pixel",
        ("Ctrl+1",), "zoom-one", "photo",
    ),
    Act(
        "turn-left", "Turn View &Left", "commands.turn_left", "Turn the view, not the photo",
        ("Ctrl+[",), "rotate-left", "photo",
    ),
    Act(
        "turn-right", "Turn View &Right", "commands.turn_right", "Turn the view, not the photo",
        ("Ctrl+]",), "rotate-right", "photo",
    ),
    Act(
        "strokes", "Show &Strokes", "commands.show_strokes", "Show or hide the strokes over the picture",
        ("H",), "", "photo", True,
    ),
    Act(
        "lens-plausible", "&Plausibility Lens", "commands.see_plausible",
        "Show where the model's picture is unusual for it", ("Y",), "", "edit", True,
    ),
    Act(
        "lens-residual", "What the Model &Missed", "commands.see_residual",
        "Show where the photo is not as the model sees it", ("Shift+Y",), "", "edit", True,
    ),
    Act(
        "panels", "Hide &Panels", "commands.hide_panels", "Only the picture (Tab on the picture does the same)",
        ("F11",), "", "", True,
    ),
    Act("candidate-1", "Take Candidate &1", "commands.take_1", "Take the first candidate", ("1",), "", "edit"),
    Act("candidate-2", "Take Candidate &2", "commands.take_2", "Take the second candidate", ("2",), "", "edit"),
    Act("candidate-3", "Take Candidate &3", "commands.take_3", "Take the third candidate", ("3",), "", "edit"),
    Act("candidate-4", "Take Candidate &4", "commands.take_4", "Take the fourth candidate", ("4",), "", "edit"),
    Act(
        "train-folder", "&Train from a Folder…", "commands.train_folder",
        "Make a model of your own pictures: it learns while you paint, and can be painted with before it is done",
    ),
    Act(
        "go-on-training", "Go &On With Training", "commands.go_on_training",
        "Go on with the training that was left last",
    ),
    Act("models", "&Get the Faces Model (38 MB)", "commands.get_faces", "Download the model of faces, once"),
    Act("keys", "&Keys", "commands.show_keys", "All keys on one page", ("F1",)),
    Act("about", "&About Ganvas", "commands.show_about", "What this program is"),
)  # fmt: skip

PASTE = ("paste-style", "paste-texture", "paste-blend")
LAYER = (
    "duplicate-layer", "delete-layer", "lift-layer", "lower-layer", "-",
    "layer-whole", "layer-painted", "another", "refine", "learn-more",
)  # fmt: skip
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("open", "recent", "-", "save", "save-as", "-", "export-picture", "export-movie", "-", "quit")),
    ("&Edit", ("undo", "redo", "-", "copy", "paste", "-", "clear")),
    ("Fra&me", ("find", "add-frame", "project", "-", "cancel")),
    ("&Layer", ("open-style", "open-texture", "open-blend", "-", *PASTE, "-", *LAYER, "-", "features")),
    ("&Brush", ("swap-colors", "reset-colors", "-", "larger", "smaller")),
    ("&States", ("keep", "play", "-", "candidate-1", "candidate-2", "candidate-3", "candidate-4")),
    (
        "&View",
        (
            "zoom-in", "zoom-out", "fit", "actual", "-", "turn-left", "turn-right", "-",
            "strokes", "lens-plausible", "lens-residual", "-", "panes", "panels",
        ),
    ),
    ("&Models", ("train-folder", "go-on-training", "-", "models")),
    ("&Help", ("keys", "-", "about")),
)


def make_actions(window: QWidget) -> dict[str, QAction]:
    """A QAction of every row, on `window`; `window` must already have what the handlers name."""
    made = {}
    for row in ACTIONS:
        action = QAction(row.text, window)
        action.setObjectName(row.id)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        shown = f" ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})" if row.keys else ""
        action.setToolTip(f"{row.tip}{shown}")
        action.setStatusTip(row.tip)
        action.setCheckable(row.checkable)
        if row.icon:
            action.setIcon(icon(row.icon))
        _connect(action, attrgetter(row.handler)(window), row.checkable)
        window.addAction(action)
        made[row.id] = action
    return made


def _connect(action: QAction, handler: Callable[..., object], checkable: bool) -> None:
    if checkable:
        action.toggled.connect(handler)
    else:
        action.triggered.connect(lambda: handler())  # without the `checked` that Qt would pass on


def fill_menus(bar: QMenuBar, actions: dict[str, QAction], submenus: dict[str, QMenu]) -> None:
    """Put the actions into menus as MENUS has them. submenus: ready-made ones, by the id that stands in MENUS."""
    for title, ids in MENUS:
        menu = bar.addMenu(title)
        menu.setToolTipsVisible(True)
        for id in ids:
            if id == "-":
                menu.addSeparator()
            elif id in submenus:
                menu.addMenu(submenus[id])
            else:
                menu.addAction(actions[id])
