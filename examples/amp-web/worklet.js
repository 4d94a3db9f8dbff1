/** The net on the audio thread: mono in, mono out, sample by sample. `step` makes no garbage. */

import { compile, load, runtime, Session } from "rnnspec/run";

/** Reports a second of how long it took. */
const REPORTS = 20;

// Not every browser has the finer clock here. Whole milliseconds do: over hundreds of blocks their error averages out.
const clock = globalThis.performance ?? Date;

registerProcessor(
  "amp",
  class extends AudioWorkletProcessor {
    #session;
    #x; // the sound, and the knobs behind it
    #y = new Float32Array(1);
    #report = { frames: 0, busy: 0 };

    /** @param {{processorOptions: {bytes: ArrayBuffer, knobs?: number[]}}} options the bytes of the model file */
    constructor({ processorOptions: { bytes, knobs = [] } }) {
      super();
      const plan = compile(load(bytes));
      this.#session = new Session(plan);
      this.#x = Float32Array.of(0, ...knobs);
      this.port.onmessage = ({ data }) => this.#x.set(data.knobs, 1);
      this.port.postMessage({ kernel: plan.kernel, why: runtime().why });
    }

    /**
     * @param {Float32Array[][]} inputs one of at most one channel; none while no sound is connected
     * @param {Float32Array[][]} outputs one of one channel
     */
    process([[sound] = []], [[out] = []]) {
      if (!sound || !out) return true;
      const start = clock.now();
      for (let t = 0; t < sound.length; t++) {
        this.#x[0] = sound[t];
        this.#session.step(this.#x, this.#y);
        out[t] = this.#y[0];
      }
      const report = this.#report;
      report.busy += clock.now() - start;
      report.frames += sound.length;
      if (report.frames * REPORTS >= sampleRate) {
        this.port.postMessage(report);
        report.frames = report.busy = 0;
      }
      return true;
    }
  },
);
