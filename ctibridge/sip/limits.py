"""Every length has a limit. The numbers are generous for what PBXs send and small for what a stranger may cost us."""

MESSAGE = 65_535
"""Bytes of one message: the most that UDP carries (RFC 3261 18.1.1)."""

LINE = 8_192
"""Bytes of one header line after unfolding."""

HEADERS = 200
"""Header lines of one message; Asterisk sends about 20, proxies add a Via and a Record-Route each."""

VALUES = 100
"""Comma-separated values of one header name: contacts in a 200, Vias of a long path."""

RINGINGS = 10_000
"""Ringings of one trunk at one time; more are answered 480, the least harmful final."""
