"""Where the SIP room touches the world: sockets, name resolution, chance."""
