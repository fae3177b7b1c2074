"""Directory files into the store: read, sorted by account, prepared in processes of their own, merged."""
