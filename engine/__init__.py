"""The engine: models and algorithms behind the editor, usable without Qt."""
