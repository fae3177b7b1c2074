"""A caller in, a Resolution out: numbers, visibility, evidence, ranking, language."""
