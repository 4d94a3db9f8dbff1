/** The net on the audio thread, where there is no fetch, no TextDecoder and no atob. */

import { golden } from "./golden.js";

registerProcessor(
  "rnnspec",
  class extends AudioWorkletProcessor {
    /** @param {any} options */
    constructor({ processorOptions: { bytes, tokens } }) {
      super();
      this.port.postMessage(golden(bytes, tokens));
    }

    process() {
      return false;
    }
  },
);
