"""The features that both peers have: all but saved states, decoding, converting and self-tests."""

FEATURES = [
    "json", "msgpack", "float16", "extensions", "try_anyway", "byte", "token", "embedding", "one_hot",
    "elman", "lstm", "gru", "dense", "affine", "activations", "softmax", "log_softmax", "final",
    "last_step", "initial_state", "lengths", "state", "step", "functions",
]  # fmt: skip
