"""The conformance suite of rnnspec: oracles, cases, and the runner that drives a runtime."""
