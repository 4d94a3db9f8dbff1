"""The cells: one time step each, and what all of them are made of."""
