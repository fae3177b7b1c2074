"""The other phone of demo and selftest: pyVoIP, which nobody here wrote, in a process of its own."""
