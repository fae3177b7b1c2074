"""Tests about the repository itself: layout, import rules, wheel."""
