"""The torture collections of RFC 4475 and RFC 5118, and what fuzzing found; see README.md."""
