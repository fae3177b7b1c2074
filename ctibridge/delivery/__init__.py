"""Which desk hears what, in which order, in which words."""
