/**
 * What a layer has in a kernel's memory.
 *
 * @import { Parameters } from "../cells/elman.js"
 * @import { Tensor } from "../model.js"
 * @import { PlanLayer, Tensors } from "../plan.js"
 * @import { Packer } from "./packer.js"
 * @import { Source } from "./token_table.js"
 */

import { afterT, parametersOf } from "../plan.js";
import { TokenTable } from "./token_table.js";

/**
 * A layer, or a direction of it, in a kernel's memory: places, 0 for what it has not.
 *
 * @typedef {object} Packed
 * @property {Parameters} own what is not packed: vectors, and diagonal peepholes
 * @property {number} columns of its products, padded
 * @property {number} bias a row of products
 * @property {number} W
 * @property {TokenTable | null} table what tokens come to
 * @property {number} R of a plain cell; of a gru with `before` that of r and z
 * @property {number} Rn
 * @property {number} rb a row of products
 * @property {number} E rows of an embedding
 * @property {readonly number[]} blocks of R, of a cell with options
 * @property {readonly number[]} peepholes the blocks of full ones
 * @property {number} Q
 * @property {number} qb
 */

/** The members that make a cell one with options. */
const OPTIONS = /** @type {const} */ ([
  "clip",
  "peephole",
  "coupled",
  "cellClip",
  "projectionSize",
]);

/**
 * Whether a recurrent layer is one of the plain cells of kernel.h: sigmoid gates, tanh elsewhere, no options.
 *
 * @param {Pick<PlanLayer, "layer">} planned
 */
export function isPlainCell({ layer }) {
  const { activation, activations = {} } = layer;
  const { gates, candidate, output } = activations;
  return (
    OPTIONS.every((option) => layer[option] === undefined) &&
    (gates?.function ?? "sigmoid") === "sigmoid" &&
    [activation, candidate, output].every((given) => (given?.function ?? "tanh") === "tanh")
  );
}

/**
 * Packs a layer.
 *
 * @param {Packer} packer
 * @param {PlanLayer} planned
 * @param {Source | null} tokens what it reads, if that is an embedding or a one_hot
 * @returns {Packed[]} one for each direction
 */
export function packLayer(packer, planned, tokens) {
  const { layer, node, tensors } = planned;
  if (layer.type === "embedding") {
    return [{ ...NOTHING, E: packer.rows(afterT(tensors[0].E), node.width) }];
  }
  if (layer.type === "dense") return [packInput(packer, tensors[0], node.width, 1, null)];
  if (node.state.size === 0) return [{ ...NOTHING, own: parametersOf(tensors[0]) }];
  return tensors.map((way) => packCell(packer, planned, way, tokens));
}

/** @type {Packed} */
const NOTHING = {
  own: {},
  columns: 0,
  bias: 0,
  W: 0,
  table: null,
  R: 0,
  Rn: 0,
  rb: 0,
  E: 0,
  blocks: [],
  peepholes: [],
  Q: 0,
  qb: 0,
};

/**
 * What products with W need.
 *
 * @param {Packer} packer
 * @param {Tensors} tensors
 * @param {number} units
 * @param {number} blocks
 * @param {Source | null} tokens
 * @returns {Packed}
 */
function packInput(packer, { W: matrix, b }, units, blocks, tokens) {
  const columns = packer.kernel.rnn_columns(units, blocks);
  const bias = packBias(packer, b, units, blocks);
  const W = packer.matrix(matrix, 0, units, blocks);
  const hasTable = tokens !== null && TokenTable.fits(tokens, columns);
  const table = hasTable
    ? new TokenTable(packer.kernel, packer.memory, tokens, columns, bias, W)
    : null;
  return { ...NOTHING, columns, bias, table, W };
}

/**
 * @param {Packer} packer
 * @param {Tensor | undefined} b +0 where there is none
 * @param {number} units
 * @param {number} blocks
 */
function packBias(packer, b, units, blocks) {
  const values = b ? afterT(b) : new Float32Array(units * blocks);
  return packer.row(values, units, blocks);
}

/**
 * A plain cell has its blocks interleaved; one with options has its columns in the order of the file.
 *
 * @param {Packer} packer
 * @param {PlanLayer} planned
 * @param {Tensors} tensors
 * @param {Source | null} tokens
 * @returns {Packed}
 */
function packCell(packer, planned, tensors, tokens) {
  const { H, layer } = planned;
  const { W, R, p, Q, qb, rb } = tensors;
  const isPlain = isPlainCell(planned);
  const columns = W.shape[1];
  const count = columns / H;
  if (!isPlain) {
    /** @param {Tensor} matrix */
    const blocksOf = (matrix) =>
      Array.from({ length: matrix.shape[1] / H }, (_, k) => packer.matrix(matrix, k * H, H, 1));
    const isFull = layer.peephole === "full";
    return {
      ...packInput(packer, tensors, columns, 1, tokens),
      own: p && !isFull ? parametersOf({ p }) : {},
      blocks: blocksOf(R),
      rb: packBias(packer, rb, H, 1),
      peepholes: isFull ? blocksOf(p) : [],
      Q: Q ? packer.matrix(Q, 0, Q.shape[1], 1) : 0,
      qb: Q ? packBias(packer, qb, Q.shape[1], 1) : 0,
    };
  }
  const packed = packInput(packer, tensors, H, count, tokens);
  if (layer.reset === "before") {
    packed.R = packer.matrix(R, 0, H, 2);
    packed.Rn = packer.matrix(R, 2 * H, H, 1);
    return packed;
  }
  packed.R = packer.matrix(R, 0, H, count);
  if (layer.type === "gru") {
    const row = new Float32Array(columns);
    if (rb) row.set(afterT(rb), 2 * H);
    packed.rb = packer.row(row, H, count);
  }
  return packed;
}
