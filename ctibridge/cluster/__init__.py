"""Which node has which lines and desks, and how what one node hears reaches the others."""
