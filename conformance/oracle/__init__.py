"""Slow, plain and independent implementations of SPEC.md: what every expected answer comes from."""
