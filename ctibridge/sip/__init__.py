"""Bytes and deadlines in, SIP facts out (RFC 3261). Sans-I/O: time and fresh tokens come in as arguments.

Read `events.py` first: it is all that this room says to others.
"""
