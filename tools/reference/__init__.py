"""Writes the pages of docs/ that say what the code says: `python -m tools.reference`, by `make docs` too."""
