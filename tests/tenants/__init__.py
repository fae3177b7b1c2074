"""Fifty customers that look alike, and nobody may see more than he is granted: the tenant oracle."""
