"""The SIP room: scripts of input and expected output, no sleeping."""
