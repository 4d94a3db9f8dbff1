/**
 * Cells with options (SPEC 13.3 to 13.5), one time step of all rows: the products, the activations and T are the
 * kernel's, what stands between them is done here. Each block has a buffer of its own, with rows like those of c, so
 * that all elements are one loop; what that gives in the padding is read by nobody.
 *
 * @import { PlanLayer } from "../../plan.js"
 * @import { Packed } from "../../plan/packed.js"
 * @import { Buffer, Space } from "./space.js"
 */

import { clipAll } from "../../activation.js";
import { FLOAT } from "../../kernel/memory.js";
import { bufferOf, LINEAR, sweeping } from "./space.js";

const { fround } = Math;

/**
 * A step: from the products with W, which begin at the byte `a`. The state is replaced.
 *
 * @typedef {(a: number) => boolean} Step whether h, c and u are finite ([finite-1])
 */

/**
 * [clip-1].
 *
 * @param {Space} space
 * @param {Buffer} buffer
 * @param {number} limit
 */
function clipBuffer({ memory, rows }, { at, stride }, limit) {
  clipAll(memory.floats, limit, at / FLOAT, at / FLOAT + rows * stride);
}

/**
 * T of a buffer, and what `cell_clip` and `projection_clip` make of that.
 *
 * @param {Space} space
 * @param {Buffer} buffer
 * @param {number} [clip]
 * @returns {() => boolean} whether it is finite then
 */
function settling(space, buffer, clip = Infinity) {
  const { rows } = space;
  const limit = fround(clip);
  const look = sweeping(space, LINEAR);
  if (limit === Infinity) return () => look(buffer, buffer, rows);
  const other = bufferOf(space, rows, buffer.width);
  return () => {
    look(buffer, buffer, rows);
    clipBuffer(space, buffer, limit);
    return look(other, buffer, rows);
  };
}

/**
 * The blocks of a cell: their buffers, and how a block goes on from the products with W, with the old h ([chain-1]).
 *
 * @param {Space} space
 * @param {number} H
 * @param {Packed} packed
 * @param {Buffer} h
 */
function blocksOf(space, H, { blocks, columns }, h) {
  const { kernel, rows } = space;
  const buffers = blocks.map(() => bufferOf(space, rows, H));
  /** @param {number} k @param {number} a @param {Buffer} [x] in the place of h */
  const goOn = (k, a, x = h) => {
    const start = a + k * H * FLOAT;
    kernel.rnn_products(buffers[k].at, start, columns, x.at, x.stride, blocks[k], rows);
  };
  return { buffers, goOn };
}

/**
 * [elman-1].
 *
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {Packed} packed
 * @param {readonly Buffer[]} state
 * @returns {Step}
 */
function elman(space, { H, layer, limit }, packed, [h]) {
  const { buffers, goOn } = blocksOf(space, H, packed, h);
  const [only] = buffers;
  const activate = sweeping(space, layer.activation ?? LINEAR);
  return (a) => {
    goOn(0, a);
    clipBuffer(space, only, limit);
    return activate(h, only, space.rows);
  };
}

/**
 * [gru-1] to [gru-4].
 *
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {Packed} packed
 * @param {readonly Buffer[]} state
 * @returns {Step}
 */
function gru(space, { H, layer, limit }, packed, [h]) {
  const { kernel, memory, rows } = space;
  const { blocks, columns, rb } = packed;
  const { buffers, goOn } = blocksOf(space, H, packed, h);
  const [r, z, n] = buffers;
  const d = bufferOf(space, rows, H); // u of [gru-2], or d of [gru-3]
  const { gates = LINEAR, candidate = LINEAR } = layer.activations ?? {};
  const sweepGates = sweeping(space, gates);
  const sweepCandidate = sweeping(space, candidate);
  const settleReset = settling(space, d);
  const settleHidden = settling(space, h);
  const size = rows * h.stride;
  const [R, Z, N, D, P] = [r, z, n, d, h].map(({ at }) => at / FLOAT);

  /** @param {number} from h or d */
  const reset = (from) => {
    const { floats } = memory;
    for (let j = 0; j < size; j++) floats[D + j] = floats[R + j] * floats[from + j];
    return settleReset();
  };

  return (a) => {
    for (let k = 0; k < 2; k++) {
      goOn(k, a);
      clipBuffer(space, buffers[k], limit);
      sweepGates(buffers[k], buffers[k], rows);
    }
    if (layer.reset === "before") {
      if (!reset(P)) return false;
      goOn(2, a, d);
    } else {
      kernel.rnn_products(d.at, rb, 0, h.at, h.stride, blocks[2], rows);
      reset(D);
      memory.copyRows(n.at, n.stride, a + 2 * H * FLOAT, columns, H, rows);
      const { floats } = memory;
      for (let j = 0; j < size; j++) floats[N + j] = floats[N + j] + floats[D + j];
    }
    clipBuffer(space, n, limit);
    sweepCandidate(n, n, rows);
    const { floats } = memory;
    for (let j = 0; j < size; j++) {
      const kept = fround(floats[Z + j] * floats[P + j]);
      floats[P + j] = fround(fround(1 - floats[Z + j]) * floats[N + j]) + kept;
    }
    return settleHidden();
  };
}

/**
 * [lstm-1] with [peephole-1], [coupled-1], [cell-clip-1] and [projection-1].
 *
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {Packed} packed
 * @param {readonly Buffer[]} state
 * @returns {Step}
 */
function lstm(space, { H, layer, limit }, packed, [h, c]) {
  const { kernel, memory, rows } = space;
  const { blocks, own, peepholes, Q, qb } = packed;
  const { buffers, goOn } = blocksOf(space, H, packed, h);
  const last = blocks.length - 1; // the blocks stand in the order i, f, g, o; of a coupled gate there is none
  const shown = bufferOf(space, rows, H); // output(c)
  const u = Q ? bufferOf(space, rows, H) : h;
  const { gates = LINEAR, candidate = LINEAR, output = LINEAR } = layer.activations ?? {};
  const sweepGates = sweeping(space, gates);
  const sweepCandidate = sweeping(space, candidate);
  const sweepOutput = sweeping(space, output);
  const settleCell = settling(space, c, layer.cellClip);
  const settleU = settling(space, u);
  const settleHidden = settling(space, h, layer.projectionClip);
  const size = rows * c.stride;
  const [I, F, G, O, C, S, U] = [
    buffers[0],
    buffers[last - 2],
    buffers[last - 1],
    buffers[last],
    c,
    shown,
    u,
  ].map(({ at }) => at / FLOAT);

  /**
   * @param {number} k
   * @param {number} m its block in p
   */
  const finishGate = (k, m) => {
    const gate = buffers[k];
    if (peepholes.length > 0) {
      kernel.rnn_products(gate.at, gate.at, gate.stride, c.at, c.stride, peepholes[m], rows);
    } else if (own.p) {
      const { floats } = memory;
      const at = gate.at / FLOAT;
      for (let j = 0; j < size; j++) {
        const product = fround(floats[C + j] * own.p[m * H + (j % c.stride)]);
        floats[at + j] = floats[at + j] + product;
      }
    }
    clipBuffer(space, gate, limit);
    sweepGates(gate, gate, rows);
  };

  return (a) => {
    for (let k = 0; k <= last; k++) goOn(k, a);
    for (let k = 0; k < last - 1; k++) finishGate(k, k);
    clipBuffer(space, buffers[last - 1], limit);
    sweepCandidate(buffers[last - 1], buffers[last - 1], rows);
    const { floats } = memory;
    for (let j = 0; j < size; j++) {
      let f = floats[F + j];
      let i = floats[I + j];
      if (layer.coupled === "input") i = fround(1 - f);
      if (layer.coupled === "forget") f = fround(1 - i);
      floats[C + j] = fround(f * floats[C + j]) + fround(i * floats[G + j]);
    }
    if (!settleCell()) return false;
    finishGate(last, last - 1);
    sweepOutput(shown, c, rows);
    for (let j = 0; j < size; j++) floats[U + j] = floats[O + j] * floats[S + j];
    const finite = settleU();
    if (!finite || !Q) return finite;
    kernel.rnn_products(h.at, qb, 0, u.at, u.stride, Q, rows);
    return settleHidden();
  };
}

/**
 * By the types of layers.
 *
 * @type {Readonly<Record<string, (space: Space, planned: PlanLayer, packed: Packed, state: readonly Buffer[]) => Step>>}
 */
export const OPTION_CELLS = { elman, gru, lstm };
