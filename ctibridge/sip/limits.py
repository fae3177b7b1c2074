"""Every length has a limit. The numbers are generous for what PBXs send and small for what a stranger may cost us."""

MESSAGE = 65_535
"""Bytes of one message: the most that UDP carries (RFC 3261 18.1.1)."""

LINE = 12_288
"""Bytes of one header line after unfolding: whoever calls with a name of 10 kB still calls."""

HEADERS = 200
"""Header lines of one message; Asterisk sends about 20, proxies add a Via and a Record-Route each."""

NAME = 128
"""Characters of a header's name: what is longer would only fill the memory of names."""

REQUEST_URI = 2_048
"""Characters of a Request-URI; longer ones are answered 414 (RFC 3261 21.4.12). Our own contacts have about 60."""

VALUES = 100
"""Comma-separated values of one header name: contacts in a 200, Vias of a long path."""

RINGINGS = 10_000
"""Ringings of one trunk at one time; more are answered 480, the least harmful final."""
