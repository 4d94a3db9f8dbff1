"""Adapters for other people's runtimes, judged at the level `close`: docs/peers.md says how they do.

They need an environment of their own (interop/requirements.txt); nothing else in the suite imports them.
"""
