"""Adapters of the SIP room on loopback."""
