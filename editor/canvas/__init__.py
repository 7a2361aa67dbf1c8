"""The canvas: shows the picture, pans and zooms it, and turns the pointer into strokes through the tools."""
