"""The features that both peers have: all but decoding, saved states, converting and self-tests."""

FEATURES = [
    "json", "msgpack", "float16", "bfloat16", "int8", "extensions", "try_anyway", "byte", "token",
    "inputs", "embedding", "one_hot", "elman", "lstm", "gru", "dense", "affine", "layer_norm", "add",
    "multiply", "concat", "activations", "softmax", "log_softmax", "clip", "cell_clip", "peephole",
    "coupled", "projection", "reverse", "bidirectional", "time_reverse", "final", "last_step",
    "initial_state", "lengths", "state", "step", "probe", "ctc", "functions",
]  # fmt: skip
