"""The bridge calls itself: what was dialled, what the desk saw, and what it should have seen."""
