"""Architectures, one file each, and nothing else."""
