/**
 * From bytes to a model.
 *
 * @import { ReadOptions, SoundDocument } from "./validate.js"
 */

import { RnnspecError } from "./issue.js";
import { fromDocument } from "./model/members.js";
import { Model, Tensor, Vocabulary } from "./model.js";
import { examineModel } from "./validate.js";

/**
 * Reads a model.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack; not kept
 * @param {ReadOptions} [options]
 * @returns {Model}
 * @throws {RnnspecError} with the findings of the first stage that has errors; `validate` gives those of a sound
 *   file too
 * @throws {TypeError} if `bytes` are none
 */
export function load(bytes, options) {
  const { issues, read } = examineModel(bytes, options);
  if (read === null) throw new RnnspecError(issues);
  return modelOf(read);
}

/** @param {SoundDocument} read */
function modelOf({ document, values }) {
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const [name, array] of values) {
    const tensor = document.get("tensors").get(name);
    const extensions = tensor.get("extensions");
    tensors.set(name, new Tensor(tensor.get("dtype"), tensor.get("shape"), array, extensions));
  }
  document.delete("tensors"); // so that the data is not kept twice
  /** @type {Map<string, Vocabulary> | undefined} */
  let vocabularies;
  if (document.has("vocabularies")) {
    vocabularies = new Map();
    for (const [name, vocabulary] of document.get("vocabularies")) {
      vocabularies.set(name, new Vocabulary(fromDocument(vocabulary)));
    }
    document.delete("vocabularies");
  }
  return new Model({ ...fromDocument(document), vocabularies, tensors });
}
