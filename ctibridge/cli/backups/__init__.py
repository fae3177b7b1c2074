"""Backups: `archive` is the file, `copying` takes a database while others write it, `destination` is where the file
comes to stand, `keeping` says which old ones go, `placing` puts a restored store where the daemon looks for it."""
