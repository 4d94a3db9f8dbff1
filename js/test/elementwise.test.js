/** The activations of SPEC 12.6 against binary64, at their seams, and how a document may hold them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sweepOf } from "../src/activation/elementwise.js";
import { FUNCTIONS } from "../src/layout.js";
import { featureNet, findings, scalar } from "./support.js";

const TINY = 2 ** -51;

/** @param {Parameters<typeof sweepOf>[0]} activation */
const bind = (activation) => scalar((values) => sweepOf(activation)(values, 0, 1));

const f = Math.fround;

/** The table in binary64. @type {Record<string, (x: number, alpha: number, beta: number) => number>} */
const TRUTH = {
  linear: (x) => x,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(0, x),
  leaky_relu: (x, alpha) => (x < 0 ? alpha * x : x),
  elu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x),
  softplus: (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: (x) => x / (1 + Math.abs(x)),
  hard_sigmoid: (x, alpha, beta) => Math.min(1, Math.max(0, alpha * x + beta)),
  hard_tanh: (x) => Math.min(1, Math.max(-1, x)),
  thresholded_relu: (x, alpha) => (x > alpha ? x : 0),
  scaled_tanh: (x, alpha, beta) => alpha * Math.tanh(beta * x),
};

const XS = [0, 1e-30, 0.01, 0.2, 0.5, 0.75, 1, 1.5, 2.5, 3, 7, 20, 90, 1e4, 1e30].flatMap((x) => [
  x,
  -x,
]);

test("every function of the table is there, and no other", () => {
  assert.deepEqual(Object.keys(FUNCTIONS), Object.keys(TRUTH));
});

for (const [name, truth] of Object.entries(TRUTH)) {
  test(`${name} is near the truth, a binary32 after T, and keeps NaN`, () => {
    for (const [alpha, beta] of [
      [0.2, 0.5],
      [1.7159, 0.6667],
      [-0.5, 2],
      [0.75, -1],
    ]) {
      const compute = bind({ function: name, alpha, beta });
      for (const x of XS) {
        const y = compute(f(x));
        const expected = truth(f(x), f(alpha ?? 0), f(beta ?? 0));
        assert.equal(y, f(y));
        assert.ok(Object.is(y, 0) || Math.abs(y) >= TINY, `${name}(${x}) = ${y}`);
        const error = Math.abs(y - expected);
        assert.ok(error <= 3e-7 * Math.max(1, Math.abs(expected)), `${name}(${x}) = ${y}`);
      }
      assert.ok(Number.isNaN(compute(NaN)));
    }
  });
}

test("the seams", () => {
  const threshold = bind({ function: "thresholded_relu", alpha: 1 });
  assert.deepEqual([threshold(1), threshold(f(1.0000001))], [0, f(1.0000001)]);
  const zero = bind({ function: "thresholded_relu", alpha: 1e-40 }); // T makes 0 of it
  assert.equal(zero(f(1e-12)), f(1e-12));
  const leaky = bind({ function: "leaky_relu", alpha: 0.1 });
  assert.equal(leaky(-1), f(-0.1)); // alpha is a binary32
  const hard = bind({ function: "hard_sigmoid", alpha: 0.2, beta: 0.5 });
  assert.deepEqual([hard(-2.5), hard(2.5), hard(0)], [0, 1, 0.5]);
  const xs = Array.from({ length: 1000 }, (_, k) => f(0.001 * k + 0.0007));
  for (const x of xs) assert.equal(hard(x), f(f(f(0.2) * x) + 0.5)); // two roundings, not one
  assert.ok(xs.some((x) => hard(x) !== f(f(0.2) * x + 0.5)));
  assert.equal(bind({ function: "leaky_relu", alpha: 1e-20 })(-1e30), 0); // alpha after T
  assert.equal(bind({ function: "scaled_tanh", alpha: 1, beta: 1e-20 })(1e30), 0);
  assert.ok(Object.is(bind({ function: "relu" })(-0), 0));
  assert.equal(bind({ function: "tanh" })(40), 1);
});

test("alpha and beta stand exactly where the table asks for them", () => {
  const judged = (/** @type {any} */ activation) => {
    const net = featureNet();
    net.layers[0].activations.candidate = activation;
    return findings(net);
  };
  const at = "/layers/0/activations/candidate";
  for (const [name, factors] of Object.entries(FUNCTIONS)) {
    const whole = Object.fromEntries(factors.map((key) => [key, 0.5]));
    assert.deepEqual(judged({ function: name, ...whole }), []);
    for (const key of ["alpha", "beta"]) {
      const { [key]: _, ...without } = whole;
      const expected = factors.includes(key)
        ? [judged({ function: name, ...without }), `STRUCTURE_MISSING ${at}/${key}`]
        : [judged({ function: name, ...whole, [key]: 1 }), `STRUCTURE_UNKNOWN_KEY ${at}/${key}`];
      assert.deepEqual(expected[0], [expected[1]]);
    }
  }
  for (const name of ["softmax", "log_softmax", "Tanh"]) {
    assert.deepEqual(judged({ function: name, alpha: "x" }), [`STRUCTURE_ENUM ${at}/function`]);
  }
  assert.deepEqual(judged({ function: "elu", alpha: 1.1e38 }), [`STRUCTURE_RANGE ${at}/alpha`]);
  assert.deepEqual(judged({}), [`STRUCTURE_MISSING ${at}/function`]);
});
