"""Projecting a photo, moving along the manifold, and carrying the change back to the photo."""
