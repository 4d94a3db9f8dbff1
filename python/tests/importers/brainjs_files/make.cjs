/* Writes the nets of this folder with the real brain.js, and expected.json, what it computes with them.

    npm install --ignore-scripts --prefix SCRATCH brain1@npm:brain.js@1.6.1 brain2@npm:brain.js@2.0.0-beta.24
    NODE_PATH=SCRATCH/node_modules node make.cjs

Every net is read again from its JSON before it is run, so what is recorded is what the file means. */
"use strict";
const fs = require("fs");
const path = require("path");

// brain.js draws its weights with Math.random: the same ones each time this runs.
let word = 1;
Math.random = () => {
  word = (Math.imul(word, 1103515245) + 12345) >>> 0;
  return (word >>> 5) / 2 ** 27;
};
const VERSIONS = { brain1: "1.6.1", brain2: "2.0.0-beta.24" };
const expected = {};

const LINES = ["the sea is deep", "the sun is warm", "a seal swims", "\"yes\" she said"];
const SUMS = ["0+0=0", "0+1=1", "1+1=2", "1+2=3", "2+2=4"].map((sum) => {
  const [input, output] = sum.split("=");
  return { input, output };
});

function save(name, library, net) {
  fs.writeFileSync(path.join(__dirname, `${name}.json`), JSON.stringify(net.toJSON()));
  const again = new net.constructor();
  again.fromJSON(JSON.parse(fs.readFileSync(path.join(__dirname, `${name}.json`))));
  expected[name] = { library: `brain.js ${VERSIONS[library]}` };
  return again;
}

/** Logits of each step, as the equations of the library give them: row 0 first, which starts a text. */
function logits(net, ids) {
  while (net.model.equations.length < ids.length) net.bindEquation();
  return ids.map((id, step) => Array.from(net.model.equations[step].runIndex(id).weights));
}

function text(name, library, kind, hiddenLayers, data, primes, iterations) {
  const net = new (require(library).recurrent[kind])({ hiddenLayers });
  net.train(data, { iterations, errorThresh: 0.0001, learningRate: 0.02 });
  const again = save(name, library, net);
  const { indexTable } = (again.options || again).dataFormatter;
  const characters = ({ input, output }) => [...input, "stop-input", "start-output", ...output];
  const line = typeof data[0] === "string" ? [...data[0], ...data[1]] : data.flatMap(characters);
  const ids = [0, ...line.map((character) => indexTable[character] + 1)];
  expected[name].ids = ids;
  expected[name].logits = logits(again, ids);
  expected[name].runs = primes.map((prime) => ({ prime, text: again.run(prime) }));
}

/** A net that was not trained, its weights made loud by hand, that reads and writes numbers. */
function loud(name, library, kind, hiddenLayers) {
  const { recurrent } = require(library);
  const sizes = { inputSize: 6, inputRange: 8, outputSize: 8, hiddenLayers };
  const json = JSON.parse(JSON.stringify(new recurrent[kind](sizes).toJSON()));
  const louder = (matrix, factor) => {
    for (const k in matrix.weights) {
      const drawn = matrix.weights[k] || (Math.random() - 0.5) / 8;
      matrix.weights[k] = Math.fround(drawn * factor);
    }
  };
  for (const layer of json.hiddenLayers) for (const role in layer) louder(layer[role], kind === "GRU" ? 14 : 6);
  for (const matrix of [json.input, json.outputConnector, json.output]) louder(matrix, matrix === json.input ? 12 : 90);
  const net = new recurrent[kind]();
  net.fromJSON(json);
  const again = save(name, library, net);
  const ids = [0];
  for (let k = 1; k < 24; k++) ids.push((k * 5) % 9);
  expected[name].ids = ids;
  expected[name].logits = logits(again, ids);
}

function timeStep(name, library, kind, data, options, given, lookups) {
  const net = new (require(library).recurrent[kind])(options);
  net.train(data, { iterations: 60, errorThresh: 0.0001, learningRate: 0.02 });
  const again = save(name, library, net);
  while (again.model.equations.length <= given.length) again.bindEquation();
  expected[name].input = given;
  expected[name].output = given.map((row, step) => Array.from(again.model.equations[step].runInput(Float32Array.from(row)).weights));
  expected[name].names = lookups;
}

text("v1_rnn", "brain1", "RNN", [12], LINES, ["", "the s", "a sea", "\"ye"], 260);
text("v1_gru_pairs", "brain1", "GRU", [8, 6], SUMS, ["0+1", "2+2", "1+2"], 400);
text("v2_gru", "brain2", "GRU", [8, 6], LINES, ["", "the s", "a sea", "\"ye"], 260);
text("v2_rnn_pairs", "brain2", "RNN", [12], SUMS, ["0+1", "2+2", "1+2"], 400);
loud("v1_gru_loud", "brain1", "GRU", [7, 5]);
loud("v2_rnn_loud", "brain2", "RNN", [7, 5]);

const wave = (steps, width) => Array.from({ length: steps }, (_, t) => Array.from({ length: width }, (_, k) => Math.fround(4 * Math.sin(1 + t * (0.7 + 0.31 * k) + k))));
timeStep("v1_rnn_time_step", "brain1", "RNNTimeStep", wave(4, 3).map((_, n) => wave(6 + n, 3)), { inputSize: 3, hiddenLayers: [5, 4], outputSize: 3 }, wave(20, 3));
const days = Array.from({ length: 5 }, (_, n) => wave(6 + n, 3).map(([open, high, low]) => ({ open, high, low })));
timeStep("v2_gru_time_step", "brain2", "GRUTimeStep", days, { inputSize: 3, hiddenLayers: [6], outputSize: 3 }, wave(20, 3), ["open", "high", "low"]);

// What must be refused, each by its name.
for (const [version, library] of [["v1", "brain1"], ["v2", "brain2"]]) {
  const { recurrent, NeuralNetwork } = require(library);
  const lstm = new recurrent.LSTM({ hiddenLayers: [3] });
  lstm.train(["ab", "ba"], { iterations: 5 });
  save(`${version}_lstm`, library, lstm);
  const steps = new recurrent.LSTMTimeStep({ inputSize: 1, hiddenLayers: [3], outputSize: 1 });
  steps.train([[1, 2, 3], [2, 3, 4]], { iterations: 5 });
  save(`${version}_lstm_time_step`, library, steps);
  const forward = new NeuralNetwork({ hiddenLayers: [3] });
  forward.train([{ input: [0, 1], output: [1] }, { input: [1, 1], output: [0] }], { iterations: 5 });
  save(`${version}_feed_forward`, library, forward);
}
fs.writeFileSync(path.join(__dirname, "expected.json"), `${JSON.stringify(expected)}\n`);
