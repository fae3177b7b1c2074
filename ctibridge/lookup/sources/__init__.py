"""Where the directory comes from."""
