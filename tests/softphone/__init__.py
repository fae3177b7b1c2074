"""Tests of the other phone."""
