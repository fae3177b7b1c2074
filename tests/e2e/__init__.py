"""Whole ways: real UDP from real peers, through the daemon as its users start it, to real websockets and pages."""
