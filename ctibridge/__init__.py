"""ctibridge: a screen pop for desks that answer for many companies."""

__version__ = "0.1.0"
