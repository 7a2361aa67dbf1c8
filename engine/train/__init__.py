"""Training: folders and generators to batches, batches to weights. Runs without Qt and without a screen."""
