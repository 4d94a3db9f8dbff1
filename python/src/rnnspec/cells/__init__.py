"""The cells: one time step each."""
