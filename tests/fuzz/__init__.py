"""Harnesses for coverage-guided fuzzing; nothing here is collected by pytest."""
