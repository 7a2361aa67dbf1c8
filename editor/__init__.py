"""The editor: a PySide6 window over the engine. Knows engine.document and engine.run.thread, and never torch."""
