// Compiled by types.test.js, never run: what a program of a user's may look like.
import {
  compile,
  ctc,
  DEFAULT_LIMITS,
  decode,
  encode,
  type FetchOptions,
  type FloatArray,
  fetchModel,
  fingerprint,
  type GenerateOptions,
  generate,
  generateText,
  type Issue,
  type Limits,
  load,
  loadState,
  type Model,
  type Plan,
  type ReadOptions,
  RnnspecError,
  type RunInput,
  run,
  Session,
  type State,
  type StateLike,
  selftest,
  stateToBytes,
  structure,
  type Tensor,
  TextStream,
  toBytes,
  type Vocabulary,
  validate,
  validateState,
  version,
} from "rnnspec";
import { fetchModel as fetchLight } from "rnnspec/fetch";
import { Session as LightSession, load as loadLight } from "rnnspec/run";
import { generate as generateLight, ctc as lightCtc } from "rnnspec/text";

const options: ReadOptions = { limits: { size: 1000 }, tryAnyway: true };
const limits: Readonly<Limits> = DEFAULT_LIMITS;
const model: Model = load(new Uint8Array(4), options);
const light: Model = loadLight(new ArrayBuffer(4));
const plan: Plan = compile(model);

const name: string | undefined = model.name;
const vocabulary: Vocabulary | undefined = model.inputVocabulary;
const tensor: Tensor = model.tensor("W");
const values: Float32Array = tensor.toFloat32Array();
const tokens: readonly (string | number)[] | undefined = vocabulary?.tokens;
for (const layer of model.layers) {
  const activation: string | undefined = layer.activations?.gates?.function;
  const reset: "before" | "after" | undefined = layer.reset;
  console.log(layer.name, activation, reset, layer.parameters?.get("W"));
}

const inputs: RunInput[] = [
  [[1, 2, 3]],
  [Int32Array.of(1, 2)],
  { shape: [1, 1, 2], data: [1, 2] },
  { shape: [1, 1, 2], data: new Float64Array(2) },
  [[[1, 2]], [[3, 4]]],
  [[Float32Array.of(1, 2)]],
];
for (const input of inputs) {
  const { output, state }: { output: FloatArray; state: State } = run(plan, input, {
    lengths: [1],
  });
  const data: Float32Array = output.data;
  const h: Float32Array | undefined = state.get("cell")?.h.data;
  const c: FloatArray | undefined = state.get("cell")?.c ?? state.get("cell")?.h_reverse;
  const { probe }: { probe: Map<string, FloatArray> } = run(plan, input, { probe: ["cell"] });
  console.log(data.length, output.shape[0], h, c, probe.get("cell")?.shape);
  const { ids, text }: { ids: number[][]; text: string[] } = ctc(plan, input, { blank: 0 });
  console.log(ids[0]?.[0]?.toFixed(), text[0]?.length, lightCtc === ctc);
}

const session = new Session(plan, { batch: 2 });
const given: StateLike = new Map([["cell", { h: [[0, 0]] }]]);
session.restore(given);
session.restore(loadState(stateToBytes(session.state(), { structure: structure(model) }), options));
const y: Float32Array = session.step([1, 2], new Float32Array(8));
session.step([[1, 2]]);
session.step(Float32Array.of(1, 2));
session.fork().run([[1], [2]], { lengths: [1, 0] });
new LightSession(compile(light)).reset();

const wishes: GenerateOptions = { mode: "sample", temperature: 0.8, topK: 40, topP: 0.9, seed: 3 };
for (const id of generateLight(plan, [], { state: given })) console.log(id);
for (const id of generate(plan, "It is", { ...wishes, count: 10 })) console.log(id.toFixed());
for (const piece of generateText(plan, [1, 2], wishes)) console.log(piece.toUpperCase());
if (vocabulary !== undefined) {
  const ids: number[] = encode(vocabulary, "text");
  const stream = new TextStream(vocabulary);
  const text: string = decode(vocabulary, ids) + stream.piece(1) + stream.end();
  console.log(text);
}

const controller = new AbortController();
const download: FetchOptions = {
  signal: controller.signal,
  onProgress: ({ loaded, total }) => console.log(loaded / (total ?? 1)),
  limits,
  fetch,
};
const arriving: Promise<Model>[] = [fetchModel("/a.rnn", download), fetchLight(new URL("x:y"))];

try {
  const bytes: Uint8Array = toBytes(model, { encoding: "json", numbers: "decimal" });
  console.log(toBytes(model, { dtype: "int8", axis: 1 }), model.tensor("W").scale?.length);
  const issues: readonly Issue[] = [
    ...validate(bytes),
    ...validateState(bytes.buffer as ArrayBuffer),
  ];
  console.log(issues.map(({ code, place, severity, message }) => [code, place, severity, message]));
} catch (error) {
  if (error instanceof RnnspecError) console.log(error.code, error.issues[0]?.what);
}
const failed: number[] = selftest(plan).failed;
console.log(version, name, values, tokens, y, arriving, failed, fingerprint(model), plan.width);
