// Models of TensorFlow.js with loud weights, written and computed by TensorFlow.js itself:
//
//     node make.mjs FOLDER OUT [NAME…]        FOLDER has node_modules/@tensorflow/tfjs; the name of a file's folder ends in its version
//     node make.mjs FOLDER MODEL run          runs a folder that make.py wrote
//
// The files here are of @tensorflow/tfjs 0.11.7, 0.15.3, 1.7.4, 2.8.6 and 4.22.0, on Node.js 20.20, by its backend cpu. Each model is
// written by the library's own handler for HTTP, cut into shards, loaded by the library from these, and run; expected.json holds
// what it was given and what it gave, as numbers of float32, in `again` what a stateful one gave the second time, and the SHA-256 of
// each array of weights as it was in memory.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join, resolve} from 'node:path';

const [folder, out, ...only] = process.argv.slice(2);
const tf = createRequire(join(resolve(folder), 'x.js'))('@tensorflow/tfjs');
const version = tf.version.tfjs;
const before1 = version.startsWith('0.');
const hasHttp = !version.startsWith('0.11.'); // where its handler for HTTP wants a browser

// --- numbers that are the same everywhere -----------------------------------------------------------------------

let state = 20261121;
function next() { // from −1 to 1, in steps that float32 holds
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return Math.floor(state / 2 ** 13) / 2 ** 17 - 1;
}
function fill(shape, make) {
  const [size, ...rest] = shape;
  return Array.from({length: size}, () => (rest.length ? fill(rest, make) : make()));
}

// --- the models -------------------------------------------------------------------------------------------------

const L = tf.layers;
const TOKENS = 11;
const tokens = () => fill([2, 6], () => Math.floor((next() + 1) / 2 * TOKENS) % TOKENS);
const features = (width) => fill([2, 6, width], next);

function sequential(...layers) {
  const model = tf.sequential();
  for (const layer of layers) model.add(layer);
  return model;
}

const MODELS = {
  // No layer says its recurrentActivation: the constructor's is what counts.
  language: () => [sequential(
    L.embedding({inputDim: TOKENS, outputDim: 5, inputLength: 6}),
    L.lstm({units: 6, returnSequences: true, unitForgetBias: true}),
    L.gru({units: 5, returnSequences: true}),
    L.dropout({rate: 0.5}),
    L.timeDistributed({layer: L.dense({units: TOKENS})}),
    L.activation({activation: 'softmax'}),
  ), tokens()],
  directions: () => [sequential(
    L.bidirectional({layer: L.lstm({units: 4, returnSequences: true, recurrentActivation: 'sigmoid'}), mergeMode: 'concat', inputShape: [null, 3]}),
    L.bidirectional({layer: L.gru({units: 3, returnSequences: true, implementation: 1}), mergeMode: 'sum'}),
    L.lstm({units: 4, returnSequences: true, goBackwards: true, useBias: false}),
    L.dense({units: 2, activation: 'tanh'}),
  ), features(3)],
  functional: () => {
    const input = tf.input({shape: [null, 3]});
    const one = L.simpleRNN({units: 4, returnSequences: true, activation: 'relu'}).apply(input);
    const other = L.lstm({units: 4, returnSequences: true, recurrentActivation: 'sigmoid'}).apply(input);
    const both = L.concatenate().apply([one, other]);
    const sum = L.add().apply([L.gru({units: 8, returnSequences: true}).apply(both), both]);
    const last = L.lstm({units: 5, stateful: false, implementation: 1}).apply(sum);
    return [tf.model({inputs: input, outputs: L.dense({units: 3, activation: 'elu'}).apply(last)}), features(3)];
  },
  cells: () => [sequential(
    L.rnn({cell: L.stackedRNNCells({cells: [L.lstmCell({units: 4}), L.gruCell({units: 3}), L.simpleRNNCell({units: 3})]}), returnSequences: true, inputShape: [6, 2]}),
    L.rnn({cell: L.gruCell({units: 4, recurrentActivation: 'sigmoid'}), returnSequences: true, goBackwards: true}),
    L.rnn({cell: L.stackedRNNCells({cells: [L.lstmCell({units: 3, useBias: false}), L.lstmCell({units: 4})]}), goBackwards: true}),
    L.dense({units: 2}),
  ), features(2)],
  masked: () => [sequential(
    L.embedding({inputDim: TOKENS, outputDim: 4, maskZero: true, inputLength: 6}),
    L.lstm({units: 4, returnSequences: true}),
    L.bidirectional({layer: L.gru({units: 3, returnSequences: false}), mergeMode: 'concat'}),
    L.dense({units: 3, activation: 'softsign'}),
  ), [[3, 1, 4, 1, 5, 9], [2, 6, 5, 0, 0, 0]]],
  norms: () => [sequential(
    L.masking({maskValue: 0.5, inputShape: [null, 2]}),
    L.lstm({units: 4, returnSequences: true}),
    L.layerNormalization({}),
    L.batchNormalization({}),
    L.reLU({}),
    L.gru({units: 3, returnSequences: true}),
    L.dense({units: 2, useBias: false}),
    L.leakyReLU({alpha: 0.25}),
  ), features(2)],
  stateful: () => [sequential(
    L.lstm({units: 4, returnSequences: true, stateful: true, batchInputShape: [2, 6, 2]}),
    L.dense({units: 2}),
  ), features(2)],
};

// --- writing, loading, running ----------------------------------------------------------------------------------

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

function cut(size) { // the library's one file → shards, in two groups of weights
  const model = JSON.parse(new TextDecoder().decode(files['model.json']));
  const [{paths, weights}] = model.weightsManifest;
  const bytes = files[basename(paths[0])];
  const half = Math.ceil(weights.length / 2);
  let at = 0;
  model.weightsManifest = [weights.slice(0, half), weights.slice(half)].map((group, g) => {
    const length = group.reduce((sum, w) => sum + 4 * w.shape.reduce((a, b) => a * b, 1), 0);
    const count = Math.ceil(length / size);
    const names = Array.from({length: count}, (_, k) => `group${g + 1}-shard${k + 1}of${count}.bin`);
    names.forEach((name, k) => { files[name] = bytes.slice(at + k * size, at + Math.min((k + 1) * size, length)); });
    at += length;
    return {paths: names, weights: group};
  });
  delete files[basename(paths[0])];
  files['model.json'] = new TextEncoder().encode(JSON.stringify(model));
}

const address = 'http://localhost/model.json';
function inMemory() { // what browserDownloads of that time writes, and browserFiles reads
  return {
    async save({modelTopology, weightSpecs, weightData}) {
      const weightsManifest = [{paths: ['./model.weights.bin'], weights: weightSpecs}];
      files['model.json'] = new TextEncoder().encode(JSON.stringify({modelTopology, weightsManifest}));
      files['model.weights.bin'] = new Uint8Array(weightData);
      return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
    },
    async load() {
      const {modelTopology, weightsManifest} = JSON.parse(new TextDecoder().decode(files['model.json']));
      const bytes = weightsManifest.flatMap(({paths}) => paths.map((path) => Buffer.from(files[basename(path)])));
      const weightData = new Uint8Array(Buffer.concat(bytes)).buffer;
      return {modelTopology, weightSpecs: weightsManifest.flatMap(({weights}) => weights), weightData};
    },
  };
}
const load = () => (hasHttp ? (before1 ? tf.loadModel(address) : tf.loadLayersModel(address)) : tf.loadModel(inMemory()));
const old = before1 || version.startsWith('1.');
const saver = () => (hasHttp ? tf.io.browserHTTPRequest(address, old ? {method: 'POST'} : undefined) : inMemory());

async function run(where, x) {
  const model = await load();
  const y = model.predict(tf.tensor(x));
  const again = model.predict(tf.tensor(x)); // of a stateful one it is another
  const [first, second] = [[...(await y.data())], [...(await again.data())]];
  const weights = {}; // the bits that it loaded
  model.getWeights().forEach((w, k) => {
    weights[model.weights[k].originalName] = createHash('sha256').update(new Uint8Array(w.dataSync().slice().buffer)).digest('hex');
  });
  const found = {version, x, shape: y.shape, y: first, weights, ...(first.some((v, k) => v !== second[k]) ? {again: second} : {})};
  writeFileSync(join(where, 'expected.json'), `${JSON.stringify(found)}\n`);
  return y;
}

async function make(name) {
  state = 20261121 + name.length;
  files = {};
  const [model, x] = MODELS[name]();
  model.setWeights(model.getWeights().map((w, k) => {
    const positive = /variance|gamma/.test(model.weights[k].originalName);
    return tf.tensor(fill(w.shape, () => (positive ? Math.abs(next()) + 0.25 : 1.25 * next())));
  }));
  if (name === 'norms') for (const k of [4, 5]) x[1][k].fill(0.5);
  await model.save(saver());
  if (name !== 'directions') cut(700);
  const given = model.predict(tf.tensor(x));
  const where = join(out, `${name}_${version}`);
  mkdirSync(where, {recursive: true});
  const loaded = await run(where, x);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(where, file), bytes);
  const spread = tf.moments(loaded).variance.dataSync()[0] ** 0.5;
  console.log(where, Math.max(...tf.abs(tf.sub(given, loaded)).dataSync()), spread);
}

if (only[0] === 'run') {
  const kept = JSON.parse(readFileSync(join(out, 'expected.json')));
  const model = JSON.parse(readFileSync(join(out, 'model.json')));
  files = {'model.json': readFileSync(join(out, 'model.json'))};
  for (const {paths} of model.weightsManifest) for (const path of paths) files[path] = readFileSync(join(out, path));
  console.log(out, (await run(out, kept.x)).shape);
} else {
  for (const name of only.length ? only : Object.keys(MODELS)) {
    try { await make(name); } catch (error) { console.log(version, name, 'FAILED', String(error.message).slice(0, 300)); }
  }
}
