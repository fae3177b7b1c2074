"""SIP facts in, calls as a desk lives them out: one caller is one call, however many forks and rounds it takes."""
