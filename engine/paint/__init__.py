"""Painting over a photo: style and texture layers, under a mask that strokes paint."""
