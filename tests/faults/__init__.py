"""What can go wrong around a daemon that works: each fault is played, and a judge reads the record of what was seen."""
