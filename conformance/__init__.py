"""The conformance suite of rnnspec: oracles, cases, and the runner that drives a runtime."""

__version__ = "0.1.0.dev0"
