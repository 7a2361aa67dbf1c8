"""The panels around the canvas: each shows one side of the session and calls it, and knows no other panel."""
