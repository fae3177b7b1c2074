"""Redis: the registry of nodes and lots, and the post between nodes."""
