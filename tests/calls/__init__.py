"""The calls room: SIP facts in, calls as desks live them out."""
