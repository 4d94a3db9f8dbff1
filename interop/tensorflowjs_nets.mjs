// Random models that the real TensorFlow.js saves, loads again and runs:
//
//     node interop/tensorflowjs_nets.mjs OUT NETS SEED
//
// Each gets a folder in OUT: model.json and its weights as the library's own handler for HTTP writes them, and expected.json:
// what went in, the lengths of its rows, what came out.
import {mkdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join} from 'node:path';

console.warn = () => {}; // it recommends another backend of its own
const tf = createRequire(new URL('../bench/js/package.json', import.meta.url))('@tensorflow/tfjs');
const [out, nets, seed] = process.argv.slice(2);
const L = tf.layers;
const STEPS = 6;
const TOKENS = 7;
const FUNCTIONS = ['tanh', 'sigmoid', 'relu', 'elu', 'softsign', 'hardSigmoid', 'linear', 'softplus'];

let state = Number(seed);
function next() { // from 0 to 1
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return Math.floor(state / 2 ** 13) / 2 ** 18;
}
const chance = (p) => next() < p;
const whole = (least, most) => least + Math.floor(next() * (most - least + 1));
const one = (list) => list[whole(0, list.length - 1)];
const many = (count, make) => Array.from({length: count}, make);
const signed = () => 2 * next() - 1;

function settings() {
  return {
    units: whole(2, 5),
    ...(chance(0.4) ? {activation: one(['tanh', 'softsign', 'hardSigmoid', 'sigmoid'])} : {}),
    ...(chance(0.5) ? {recurrentActivation: one(['sigmoid', 'hardSigmoid'])} : {}),
    ...(chance(0.3) ? {useBias: false} : {}),
    ...(chance(0.3) ? {implementation: 1} : {}),
  };
}
const cell = () => L[one(['lstmCell', 'gruCell', 'simpleRNNCell'])](settings());

function recurrent(returnSequences, masked) {
  // Backwards, behind a mask and with all steps, outputs stand elsewhere: that is refused by name.
  const turned = {returnSequences, ...(chance(0.3) && !(masked && returnSequences) ? {goBackwards: true} : {})};
  switch (one(['plain', 'plain', 'cell', 'cells', 'both ways'])) {
    case 'cell': return L.rnn({cell: cell(), ...turned});
    case 'cells': return L.rnn({cell: L.stackedRNNCells({cells: many(whole(1, 3), cell)}), ...turned});
    case 'both ways': {
      const layer = L[one(['lstm', 'gru', 'simpleRNN'])]({...settings(), returnSequences});
      return L.bidirectional({layer, mergeMode: one(['concat', 'sum', 'mul', 'ave'])});
    }
    default: return L[one(['lstm', 'gru', 'simpleRNN'])]({...settings(), ...turned});
  }
}

function stateless() {
  return one([
    () => L.dense({units: whole(2, 5), activation: one(FUNCTIONS)}),
    () => L.timeDistributed({layer: L.dense({units: 3, activation: one(FUNCTIONS)})}),
    () => L.activation({activation: one(FUNCTIONS)}),
    () => L.layerNormalization({}),
    () => L.batchNormalization({}),
    () => L.reLU({}),
    () => L.dropout({rate: 0.3}),
    () => L.gaussianNoise({stddev: 0.2}),
    () => L.leakyReLU({}),
    () => L.elu({}),
    () => L.thresholdedReLU({theta: 0.1}),
  ])();
}

function draw() {
  const width = whole(1, 3);
  const reads = chance(0.4);
  const masked = reads && chance(0.5);
  const input = tf.input({shape: reads ? [null] : [null, width]});
  let flow = reads ? L.embedding({inputDim: TOKENS, outputDim: 3, maskZero: masked}).apply(input) : input;
  flow = recurrent(true, masked).apply(flow);
  for (let depth = whole(0, 3); depth > 0; depth--) {
    if (chance(0.2)) flow = L.concatenate().apply([recurrent(true, masked).apply(flow), recurrent(true, masked).apply(flow)]);
    else flow = (chance(0.5) ? recurrent(true, masked) : stateless()).apply(flow);
  }
  if (chance(0.5)) {
    flow = recurrent(false, masked).apply(flow);
    if (chance(0.7)) flow = (chance(0.3) && !masked ? L.softmax({}) : L.dense({units: 2, activation: one(FUNCTIONS)})).apply(flow);
  }
  const lengths = masked ? [STEPS, whole(1, STEPS)] : [STEPS, STEPS];
  const step = (row, t) => (reads ? (t < lengths[row] ? whole(1, TOKENS - 1) : 0) : many(width, signed));
  const x = many(2, (_, row) => many(STEPS, (__, t) => step(row, t)));
  return {model: tf.model({inputs: input, outputs: flow}), x, lengths};
}

let files = {};
globalThis.fetch = async (url, init) => {
  if (init?.method === 'POST') {
    for (const [name, blob] of init.body.entries()) files[name] = new Uint8Array(await blob.arrayBuffer());
    return new Response('', {status: 200});
  }
  const name = basename(String(url?.url ?? url));
  const type = name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
  return new Response(files[name], {status: 200, headers: {'Content-Type': type}});
};

const address = 'http://localhost/model.json';
for (let k = 1; k <= Number(nets); k++) {
  files = {};
  const {model, x, lengths} = draw();
  model.setWeights(model.getWeights().map((w, i) => {
    const positive = /variance|gamma/.test(model.weights[i].originalName);
    return tf.tensor(many(w.size, () => (positive ? next() + 0.3 : 1.1 * signed())), w.shape);
  }));
  await model.save(tf.io.browserHTTPRequest(address));
  const y = (await tf.loadLayersModel(address)).predict(tf.tensor(x));
  const where = join(out, `net${k}`);
  mkdirSync(where, {recursive: true});
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(where, name), bytes);
  const expected = {version: tf.version.tfjs, x, lengths, shape: y.shape, y: [...y.dataSync()]};
  writeFileSync(join(where, 'expected.json'), JSON.stringify(expected));
}
