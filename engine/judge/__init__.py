"""Judges what the engine makes, on pictures it has not learned from: tables of errors and sheets to look at."""
