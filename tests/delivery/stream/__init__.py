"""The stream as it was released, and what may change of it within a version."""
