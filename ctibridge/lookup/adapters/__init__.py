"""Where the directory is kept and read from."""
