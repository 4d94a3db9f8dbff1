// Lets a net over characters write: node examples/austen/generate.mjs MODEL COUNT SEED PRIME
// Prints the model's fingerprint, an empty line, and the text.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { compile, decode, encode, fingerprint, generate, load } from "../../js/src/index.js";

const [path, count, seed, prime] = process.argv.slice(2);
const model = load(await readFile(path));
const vocabulary = model.outputVocabulary;
const ids = generate(compile(model), encode(vocabulary, prime), {
  count: Number(count),
  seed: Number(seed),
});
console.log(`${fingerprint(model)}\n\n${decode(vocabulary, [...ids])}`);
