"""The level `close` (SPEC.md 17.3): one time step at a time, from the exact state before it, and each chunk whole, within a bound."""
