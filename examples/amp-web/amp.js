/**
 * The audio graph, live and offline:
 *
 *     sound → drive ─→ net → wet ─→ volume → loudspeaker
 *                 └──→ dry ───────↗
 */

const MODULE = "worklet.js";
const SEEN = 4096; // samples that a meter sees: more than pass between two reports
const RAMP = 0.01; // seconds: gains that jump would click

/** @typedef {{kernel: string, why: string}} Ready */
/** How many samples went through the net, and how many ms it took. @typedef {{frames: number, busy: number}} Report */

/**
 * The net as a node of a context, once it can run.
 *
 * @param {BaseAudioContext} context
 * @param {ArrayBuffer} bytes of the model file
 * @param {number[]} knobs
 * @param {(report: Report) => void} [onReport]
 * @returns {Promise<{node: AudioWorkletNode, ready: Ready, failed: Promise<never>}>} `failed` rejects if the net fails
 */
async function netNode(context, bytes, knobs, onReport) {
  await context.audioWorklet.addModule(MODULE);
  const node = new AudioWorkletNode(context, "amp", {
    numberOfInputs: 1,
    outputChannelCount: [1],
    channelCount: 1,
    channelCountMode: "explicit", // stereo is mixed to mono
    processorOptions: { bytes, knobs },
  });
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    node.onprocessorerror = () => reject(new Error("The net failed on the audio thread."));
  });
  failed.catch(() => undefined); // whoever waits for it hears of it
  /** @type {Promise<Ready>} */
  const first = new Promise((resolve) => {
    node.port.onmessage = ({ data }) => {
      if ("kernel" in data) resolve(data);
      else onReport?.(data);
    };
  });
  return { node, ready: await Promise.race([first, failed]), failed };
}

/**
 * A whole sound through the net on the audio thread, from the state in the file, as fast as it goes.
 *
 * @param {ArrayBuffer} bytes of the model file
 * @param {number[]} knobs
 * @param {Float32Array<ArrayBuffer>} samples
 * @param {number} rate samples a second
 */
export async function render(bytes, knobs, samples, rate) {
  const context = new OfflineAudioContext(1, samples.length, rate);
  const { node, failed } = await netNode(context, bytes, knobs);
  const source = new AudioBufferSourceNode(context, { buffer: buffered(samples, rate) });
  source.connect(node).connect(context.destination);
  source.start();
  const rendered = await Promise.race([context.startRendering(), failed]);
  return rendered.getChannelData(0);
}

/**
 * @param {Float32Array<ArrayBuffer>} samples
 * @param {number} sampleRate
 */
export function buffered(samples, sampleRate) {
  const buffer = new AudioBuffer({ length: samples.length, sampleRate });
  buffer.copyToChannel(samples, 0);
  return buffer;
}

/** The amplifier while it plays. `start` makes one; `close` ends it. */
export class Amp {
  /** @type {AudioScheduledSourceNode | MediaStreamAudioSourceNode | undefined} */
  #source;
  #node;
  #drive;
  #dry;
  #wet;
  #volume;

  /**
   * @param {AudioContext} context
   * @param {Awaited<ReturnType<typeof netNode>>} net
   */
  constructor(context, { node, ready, failed }) {
    this.context = context;
    this.#node = node;
    this.ready = ready;
    this.failed = failed;
    this.#drive = new GainNode(context);
    this.#dry = new GainNode(context, { gain: 0 });
    this.#wet = new GainNode(context);
    this.#volume = new GainNode(context);
    this.before = new AnalyserNode(context, { fftSize: SEEN });
    this.after = new AnalyserNode(context, { fftSize: SEEN });
    this.#drive.connect(this.before);
    this.#drive.connect(this.#dry).connect(this.#volume);
    this.#drive.connect(node).connect(this.#wet).connect(this.#volume);
    this.#volume.connect(this.after).connect(context.destination);
  }

  /**
   * @param {ArrayBuffer} bytes of the model file
   * @param {number[]} knobs
   * @param {number | undefined} rate that the context should have; the device's if undefined, or if it cannot be had
   * @param {(report: Report) => void} onReport
   */
  static async start(bytes, knobs, rate, onReport) {
    const context = contextAt(rate);
    try {
      return new Amp(context, await netNode(context, bytes, knobs, onReport));
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /**
   * Plays a source in place of the one before.
   *
   * @param {AudioBuffer | MediaStream | null} sound a buffer is repeated; null is the test tone
   */
  async play(sound) {
    this.#end();
    const { context } = this;
    if (sound instanceof MediaStream) {
      this.#source = new MediaStreamAudioSourceNode(context, { mediaStream: sound });
    } else {
      this.#source = sound
        ? new AudioBufferSourceNode(context, { buffer: sound, loop: true })
        : new OscillatorNode(context, { frequency: 110, periodicWave: tone(context) });
      this.#source.start();
    }
    this.#source.connect(this.#drive);
    await context.resume();
  }

  /** @param {{drive: number, mix: number, volume: number, knobs: number[]}} settings factors; mix from 0, dry, to 1, wet */
  set({ drive, mix, volume, knobs }) {
    const now = this.context.currentTime;
    this.#drive.gain.setTargetAtTime(drive, now, RAMP);
    this.#wet.gain.setTargetAtTime(mix, now, RAMP);
    this.#dry.gain.setTargetAtTime(1 - mix, now, RAMP);
    this.#volume.gain.setTargetAtTime(volume, now, RAMP);
    this.#node.port.postMessage({ knobs });
  }

  /** The greatest of the last samples. @param {AnalyserNode} analyser */
  static peak(analyser) {
    const values = new Float32Array(SEEN);
    analyser.getFloatTimeDomainData(values);
    return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }

  async close() {
    this.#end();
    await this.context.close();
  }

  #end() {
    this.#source?.disconnect();
    if (this.#source instanceof MediaStreamAudioSourceNode) release(this.#source.mediaStream);
    else this.#source?.stop();
    this.#source = undefined;
  }
}

/** Gives the microphone back, if it is one. @param {AudioBuffer | MediaStream | null} sound */
export function release(sound) {
  if (sound instanceof MediaStream) for (const track of sound.getTracks()) track.stop();
}

/** A sine, as loud as a guitar: a quarter of the full scale. @param {AudioContext} context */
const tone = (context) =>
  new PeriodicWave(context, { imag: [0, 0.25], disableNormalization: true });

/** @param {number | undefined} sampleRate */
function contextAt(sampleRate) {
  if (sampleRate !== undefined)
    try {
      return new AudioContext({ sampleRate, latencyHint: "interactive" });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  return new AudioContext({ latencyHint: "interactive" });
}
