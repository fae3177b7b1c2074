"""A desk in the terminal: what the daemon pushes, as live calls. Knows the stream and nothing of the daemon."""
