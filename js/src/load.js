/**
 * From bytes to a model.
 *
 * @import { ReadOptions, SoundDocument } from "./validate.js"
 */

import { RnnspecError } from "./issue.js";
import { fromDocument, mapped } from "./model/members.js";
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
function modelOf({ document, values, nodes }) {
  const stored = document.get("tensors");
  const tensors = mapped(
    values,
    (array, name) => new Tensor(fromDocument(stored.get(name)), array),
  );
  const vocabularies = mapped(
    document.get("vocabularies"),
    (vocabulary) => new Vocabulary(fromDocument(vocabulary)),
  );
  document.delete("tensors"); // so that the data is not kept twice
  document.delete("vocabularies"); // their names are the user's
  return new Model({ ...fromDocument(document), vocabularies, tensors, nodes });
}
