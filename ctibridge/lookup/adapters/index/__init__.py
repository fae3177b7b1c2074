"""The number index in memory: its file, the process that makes it, the changes over it."""
