"""Copies of the directory that follow each other: what changed here as bytes, and bytes into the store."""
