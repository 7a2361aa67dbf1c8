"""The tools: generators from pointer events to strokes, one file a tool. `TOOLS` is the toolbox in its order."""

from __future__ import annotations

from editor.tools.color import COLOR
from editor.tools.erase import ERASE
from editor.tools.frame import FRAME
from editor.tools.lasso import LASSO
from editor.tools.pick import PICK
from editor.tools.protect import PROTECT
from editor.tools.sketch import SKETCH
from editor.tools.style import STYLE
from editor.tools.texture import TEXTURE
from editor.tools.tool import Tool
from editor.tools.warp import WARP

TOOLS: tuple[Tool, ...] = (COLOR, SKETCH, WARP, STYLE, TEXTURE, LASSO, PROTECT, ERASE, PICK, FRAME)
