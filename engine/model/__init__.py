"""Models: networks, where they come from, and what the rest of the engine may ask of them."""
