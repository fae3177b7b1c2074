"""Measurements: `make bench`. Everything is a ratio of two things measured side by side in one run, because the
machines that run it are shared and noisy."""
