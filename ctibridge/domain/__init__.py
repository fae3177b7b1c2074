"""The product's words as frozen values and small pure functions. Imports nothing but the plain standard library."""
