/**
 * Between the document's objects, which are Maps, and the model's: frozen, their members in camel case.
 * What has keys of the user's stays a Map.
 */

/** The members whose keys are no words of the specification. */
const TABLES = ["metadata", "extensions", "parameters", "state", "final_state"];

/**
 * A value of a document as part of a model. Lists are frozen in place.
 *
 * @param {any} value
 * @returns {any}
 */
export function fromDocument(value) {
  if (Array.isArray(value)) {
    for (const [k, element] of value.entries()) value[k] = fromDocument(element);
    return Object.freeze(value);
  }
  if (!(value instanceof Map)) return value;
  /** @type {Record<string, unknown>} */
  const members = {};
  for (const [key, member] of value) {
    const name = String(key).replace(/_./g, (found) => found.charAt(1).toUpperCase());
    members[name] = TABLES.includes(key) ? member : fromDocument(member);
  }
  return Object.freeze(members);
}

/**
 * A table with other values; undefined where there is none.
 *
 * @param {ReadonlyMap<string, any> | undefined} table
 * @param {(value: any, key: string) => any} make
 * @returns {any} a Map
 */
export function mapped(table, make) {
  return table && new Map([...table].map(([key, value]) => [key, make(value, key)]));
}

/**
 * The opposite. Members that are undefined are left out.
 *
 * @param {unknown} value
 * @returns {any}
 */
export function toDocument(value) {
  if (Array.isArray(value)) return value.map(toDocument);
  if (typeof value !== "object" || value === null || value instanceof Map) return value;
  const document = new Map();
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) document.set(keyOf(name), toDocument(member));
  }
  return document;
}

/**
 * The key of a member in documents: `hiddenSize` → `hidden_size`.
 *
 * @param {string} name
 */
export function keyOf(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * A class whose members are those that it is made of.
 *
 * @template M
 * @returns {new (members: Readonly<M>) => Readonly<M>}
 */
export function madeOf() {
  return /** @type {any} */ (
    class {
      /** @param {object} members */
      constructor(members) {
        Object.assign(this, members);
      }
    }
  );
}
