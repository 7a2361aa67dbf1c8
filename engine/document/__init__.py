"""The shared vocabulary: photo, latent, stroke, edit, sequence, document, job. Numpy only.

Every value is a frozen dataclass over read-only arrays, so that it can cross the thread between editor and
engine without a lock, and so that an edited document shares all it did not change with the one before it.
"""
