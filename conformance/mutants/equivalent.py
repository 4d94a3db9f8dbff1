"""Mutants that no case can tell from the oracle, each with the reason."""

SAME_AT_EQUALITY = "At equality both branches give the same value."
EXACT = "The operation is exact here, so there is nothing to round: "
UNUSED = "A function without alpha or beta does not read it."
UNSEEN = "No command of the protocol reaches it: "

EQUIVALENT: dict[str, str] = {
    # the chain
    "chain/start-at-bias": "b has been through T, so it is never −0, and 0 + b is b.",
    "chain/start-at-minus-zero": (
        "Only a chain whose every term is −0 differs, by giving −0: T, sigmoid and tanh make the same of both zeros."
    ),
    "chain.chain: add not rounded (1)": EXACT + "0 + b is b.",
    "chain.chain: add without its first (1)": "0 + b is b, which has been through T and is never −0.",
    "second-chain/start-at-rb": "As chain/start-at-bias.",
    "second-chain/start-at-minus-zero": "A d of −0 gives an r × d of −0, which T makes +0.",
    "chain.second: add not rounded (1)": EXACT + "0 + rb is rb.",
    "chain.second: add without its first (1)": "As chain.chain: add without its first (1).",
    "chain.second: 0 - 1 (1)": "A vector is one row.",
    # the options of the cells
    "projection/start-at-minus-zero": "T makes +0 of −0.",
    "chain.projected: add not rounded (1)": EXACT + "0 + qb is qb.",
    "chain.projected: add without its first (1)": "0 + qb is qb, which has been through T and is never −0.",
    "chain.projected: 0 - 1 (1)": "A vector is one row.",
    "chain.clip: < is <= (1)": SAME_AT_EQUALITY,
    "chain.clip: < is <= (2)": SAME_AT_EQUALITY,
    "lstm-options/coupled-input-T": "1 − f is 0, or its magnitude is at least 2^−24.",
    "lstm-options/coupled-forget-T": "1 − i is 0, or its magnitude is at least 2^−24.",
    "operands.lstm: new_h in the place of u (1)": "new_h is u there: the line before says so.",
    # rows and layers
    "layers.both_directions: mul not rounded (1)": EXACT + "the product with a power of two.",
    "row.output: 0 - 1 (1)": "A layer that reads `x` has one input; of several, all have as many steps.",
    "row.output: 0 - 1 (2)": "A step of tokens is a vector of one id.",
    "row.output: 0 - 1 (3)": "A step of tokens is a vector of one id.",
    "row.recurrent: 0 - 1 (1)": "There is one result.",
    # activations
    "activations/softplus-threshold": "From 17.4 on, 1 + exp(−x) is 1 and its logarithm 0.",
    "activations/softplus-hides-nan": "The logarithm that is added is NaN too.",
    "activation.Activation: 0.0 × 1.25 (1)": UNUSED,
    "activation.Activation: 0.0 × 1.25 (2)": UNUSED,
    "net.activation_of: 0.0 × 1.25 (1)": UNUSED,
    **{
        f"activation.{function}: < is <= ({n})": SAME_AT_EQUALITY + " (T makes +0 of −0.)"
        for function, times in (
            *(("relu", 1), ("leaky_relu", 1), ("elu", 1), ("softplus", 1)),
            *(("hard_sigmoid", 2), ("hard_tanh", 2)),
        )
        for n in range(1, times + 1)
    },
    **dict.fromkeys(
        ("net.Layer: 0 + 1 (1)", "net.Layer: 0 - 1 (1)", "net.Layer: 0.0 × 1.25 (1)"),
        "The default of a member that `layer_of` always gives.",
    ),
    "net.Layer: 0 - 1 (2)": "A vector is one row.",
    **dict.fromkeys(
        ("net.layer_of: 0 + 1 (1)", "net.layer_of: 0 - 1 (1)", "net.layer_of: 0.0 × 1.25 (1)"),
        "A layer without hidden_size or epsilon does not read it.",
    ),
    "net.load: 0 - 1 (2)": "All inputs of `add` and `multiply` are equally wide; the others have one.",
    "net.load: 0 - 1 (3)": "All inputs have time, or none has.",
    "scalar.whole: 0 - 1 (1)": "Without time there is one vector a row.",
    # softmax
    "softmax/log-without-T": (
        "Both terms are ≤ 0 and log(s) is 0 or at least 2^−23: the result is +0, or its magnitude is at least 2^−23."
    ),
    "layers.log_softmax: no T (1)": "As softmax/log-without-T.",
    "layers.largest: 1 - 1 (1)": "x[0] is compared with itself.",
    "layers.largest: < is <= (1)": SAME_AT_EQUALITY,
    "functions.sum16: 16 + 1 (1)": "A seventeenth accumulator is never read.",
    "functions.sum16: 4 + 1 (1)": "s[4] is changed after its last use.",
    "functions.sum16: 2 + 1 (1)": "s[2] is changed after its last use.",
    # exp, logistic, tanh, log
    "functions/tanh-copysign": "T makes +0 of −0, and the sign of a NaN is not compared.",
    "functions.core: sub not rounded (1)": EXACT + "n is a whole number of at most 8 digits.",
    "functions.core: sub not rounded (3)": EXACT + "v − n × LN2HI, by the choice of LN2HI.",
    "functions.core: mul not rounded (8)": EXACT + "n has 8 digits and LN2HI 16.",
    "functions.exp: mul not rounded (1)": EXACT + "the product with a power of two.",
    "functions.exp: add not rounded (1)": "1 + u is scaled exactly and rounded then: one rounding both ways.",
    "functions.exp: < is <= (1)": SAME_AT_EQUALITY,
    "functions.exp: > is >= (1)": SAME_AT_EQUALITY,
    "functions.exp: 89.0 × 1.25 (1)": "exp overflows at 89 and at 111.25 alike.",
    "functions.exp: 89.0 × 1.25 (2)": "exp overflows at 89 and at 111.25 alike.",
    "functions.exp: 64.0 × 1.25 (1)": "T makes 0 of exp(−64) and of exp(−80).",
    "functions.exp: 64.0 × 1.25 (2)": "T makes 0 of exp(−64) and of exp(−80).",
    "functions.logistic: < is <= (1)": SAME_AT_EQUALITY,
    "functions.logistic: > is >= (1)": SAME_AT_EQUALITY,
    "functions.logistic: < is <= (2)": SAME_AT_EQUALITY,
    "functions.logistic: < is <= (3)": SAME_AT_EQUALITY,
    **{
        f"functions.logistic: 64.0 × 1.25 ({n})": (
            "From 64 on, T and 1 − 2g make 0 and 1 of the result; from −64 down it is 1 exactly."
        )
        for n in (1, 2, 3, 4)
    },
    "functions.logistic: 1.0 × 1.25 (3)": "w is a power of two: below 1.25 it is below 1, or 1.",
    "functions.logistic: 1.0 × 1.25 (4)": "w is a power of two: below 1.25 it is below 1, or 1.",
    "functions.tanh: add not rounded (6)": EXACT + "a + a.",
    "functions.tanh: add not rounded (7)": EXACT + "g + g.",
    "functions.tanh: < is <= (2)": "T makes +0 of −0.",
    "functions.log: sub not rounded (1)": EXACT + "m − 1, for m from 0.7 to 1.42.",
    "functions.log: no T (2)": "A logarithm is +0, or its magnitude is at least 2^−25.",
    "functions.log: mul not rounded (5)": EXACT + "0.5 × z, or k × LN2HI, 8 and 16 digits.",
    "functions.log: mul not rounded (8)": EXACT + "0.5 × z, or k × LN2HI, 8 and 16 digits.",
    # shapes
    "scalar.initial: 0 - 1 (1)": "A vector is one row.",
    "scalar.input_shape: 0 - 1 (2)": "Any row of token ids tells T: they have been found equally long.",
    "scalar.input_shape: 0 - 1 (4)": "Any row of token ids tells T: they have been found equally long.",
    # decoding
    "decoding/greedy-draws": UNSEEN + "nothing is sampled after a greedy token of the same call.",
    "decoding/r-not-limited": (
        "u is at most 1 − 2^−53 and S below 2^53: the product is at least half a unit below S, and never rounds to S."
    ),
    "decode.choose: 1 - 1 (1)": "As decoding/r-not-limited: r is at most S − 1 anyway.",
    'decode.choose: no AssertionError("r < S") (1)': "r is below S, so the loop always returns.",
    "decode.Generator: 4 + 1 (1)": "A fifth word is never read.",
    "decode.greedy: 1 - 1 (1)": "x[0] is compared with itself.",
    "decode.judged: 1.0 × 1.25 (1)": "greedy does not read the temperature.",
    "decode.generate: 0 - 1 (4)": "The state has one row.",
    "decode.generate: 1 + 1 (3)": "All rows of the initial state are equal.",
    "decode.logits_of: 0 - 1 (1)": "A softmax has one input.",
    "decode.feed: 0 - 1 (1)": "One step was fed.",
}
