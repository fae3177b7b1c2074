"""Everything on loopback: a small PBX, phones, callers."""
