/** What is pressed. The sound is made in amp.js and, on the audio thread, in worklet.js. */

import { Amp, buffered, release, render } from "./amp.js";
import { readNet } from "./net.js";
import { draw } from "./scope.js";
import {
  button,
  element,
  input,
  showKernel,
  showLevel,
  showRate,
  showUsed,
  signed,
  told,
} from "./show.js";
import { readWav, writeWav } from "./wav.js";

/** @type {import("./net.js").Net | undefined} */
let net;
/** What plays. @type {Amp | undefined} */
let amp;
/** What was rendered last. */
let wav = new ArrayBuffer(0);
/** Of the audio thread, not shown yet. */
let [busy, frames] = [0, 0];

/** @param {string} name @param {ArrayBuffer} bytes */
function use(name, bytes) {
  net = readNet(name, bytes);
  element("net").textContent = net.title;
  element("knobs").replaceChildren(...net.knobs.map(knob));
  for (const id of ["rate-value", "rate-warning"]) element(id).textContent = "";
  forget();
  button("play").disabled = button("render").disabled = false;
  show();
}

/** A slider from 0 to 1, as these nets are trained. @param {string} name @param {number} k */
function knob(name, k) {
  const row = document.createElement("div");
  row.className = "row";
  const label = Object.assign(document.createElement("label"), {
    htmlFor: `knob-${k}`,
    textContent: name,
  });
  const slider = document.createElement("input");
  Object.assign(slider, {
    id: `knob-${k}`,
    type: "range",
    min: "0",
    max: "1",
    step: "0.01",
    value: "0.5",
  });
  slider.addEventListener("input", () => {
    forget();
    show();
  });
  row.append(
    label,
    slider,
    Object.assign(document.createElement("span"), { id: `knob-${k}-value` }),
  );
  return row;
}

const knobs = () => (net?.knobs ?? []).map((_, k) => input(`knob-${k}`).valueAsNumber);

// --- the sound ---

const source = () =>
  /** @type {HTMLInputElement} */ (document.querySelector("[name=source]:checked")).value;

/** @param {string} name */
async function fetched(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name} could not be had: ${answer.status}.`);
  return answer.arrayBuffer();
}

/** The file that is chosen, or the guitar. */
async function sound() {
  const file = source() === "file" ? input("sound").files?.[0] : undefined;
  if (source() === "file" && !file) throw new Error("Choose a sound file first.");
  const bytes = file ? await file.arrayBuffer() : await fetched("guitar.wav");
  const plain = readWav(bytes);
  if (plain) return plain;
  // Not a WAV file of 16 bits: what the browser makes of it, at the rate of the net.
  const context = new OfflineAudioContext(1, 1, net?.rate ?? 48_000);
  const decoded = await context.decodeAudioData(bytes).catch(() => {
    throw new Error(`${file?.name ?? "guitar.wav"} is no sound that this browser reads.`);
  });
  return { rate: decoded.sampleRate, samples: decoded.getChannelData(0) };
}

/** What Amp.play takes. */
async function chosen() {
  if (source() === "tone") return null;
  if (source() === "input")
    // These are made for speech, and would change a guitar.
    return navigator.mediaDevices
      .getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      })
      .catch((error) => {
        throw new Error(`The browser gives no input: ${error.message}.`);
      });
  const { samples, rate } = await sound();
  return buffered(samples, rate);
}

// --- live ---

async function start() {
  if (!net) return;
  button("play").disabled = true;
  try {
    const rate = input("rate").value === "net" ? net.rate : undefined;
    const made = await Amp.start(net.bytes, knobs(), rate, report);
    amp = made;
    made.failed.catch((error) => told(() => Promise.reject(error), stop)());
    showRate(made.context.sampleRate, net.rate);
    showKernel(made.ready);
    show();
    const sound = await chosen();
    if (amp !== made) return release(sound); // stopped while the browser asked for the microphone
    await made.play(sound);
    button("play").textContent = "Stop";
    const canvas = /** @type {HTMLCanvasElement} */ (element("scope"));
    draw(canvas, { "--in": made.before, "--out": made.after }, () => amp === made);
  } finally {
    button("play").disabled = false;
  }
}

async function stop() {
  const ended = amp;
  amp = undefined;
  busy = frames = 0;
  button("play").textContent = "Play";
  showLevel("in", 0);
  showLevel("out", 0);
  showUsed(undefined);
  await ended?.close();
}

/** @param {import("./amp.js").Report} report of the audio thread */
function report(report) {
  if (!amp) return;
  showLevel("in", Amp.peak(amp.before));
  showLevel("out", Amp.peak(amp.after));
  busy += report.busy / 1000;
  frames += report.frames;
  const seconds = frames / amp.context.sampleRate;
  if (seconds < 1) return;
  showUsed(busy / seconds);
  busy = frames = 0;
}

/** What the sliders say, in the page and in the sound. */
function show() {
  for (const id of ["drive", "volume"])
    element(`${id}-value`).textContent = `${signed(input(id).value)}\u00a0dB`;
  element("mix-value").textContent = `${input("mix").value}\u00a0%`;
  for (const [k, value] of knobs().entries())
    element(`knob-${k}-value`).textContent = value.toFixed(2);
  const isBypassed = button("bypass").ariaPressed === "true";
  amp?.set({
    drive: isBypassed ? 1 : gain("drive"),
    mix: isBypassed ? 0 : input("mix").valueAsNumber / 100,
    volume: gain("volume"),
    knobs: knobs(),
  });
}

/** @param {string} id of a slider in dB */
const gain = (id) => 10 ** (input(id).valueAsNumber / 20);

// --- offline ---

async function prove() {
  if (!net) return;
  forget();
  element("rendered").textContent = "Rendering …";
  try {
    const { samples, rate } = await sound();
    const start = performance.now();
    const output = await render(net.bytes, knobs(), samples, rate);
    const seconds = (performance.now() - start) / 1000;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", output));
    const digits = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"));
    const long = samples.length / rate;
    element("sha").textContent = digits.join("");
    element("rendered").textContent =
      `${long.toFixed(1)} s of sound in ${seconds.toFixed(2)} s, ${(long / seconds).toFixed(1)} times as fast as it plays.`;
    wav = writeWav(output, rate);
    button("download").hidden = false;
  } catch (error) {
    forget();
    throw error;
  }
}

/** Another net or another sound: what was rendered is not of it. */
function forget() {
  for (const id of ["sha", "rendered"]) element(id).textContent = "";
  button("download").hidden = true;
}

function save() {
  const href = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
  Object.assign(document.createElement("a"), { href, download: "amp.wav" }).click();
  URL.revokeObjectURL(href);
}

// --- what is pressed ---

/**
 * @param {string} id
 * @param {string} event
 * @param {() => unknown} work
 */
const on = (id, event, work) => element(id).addEventListener(event, told(work, stop));

on("play", "click", () => (amp ? stop() : start()));
on("render", "click", prove);
on("download", "click", save);
on("bypass", "click", () => {
  button("bypass").ariaPressed = String(button("bypass").ariaPressed !== "true");
  show();
});
for (const id of ["drive", "mix", "volume"]) on(id, "input", show);
on("rate", "change", stop);
on("sound", "change", () => {
  forget();
  return stop();
});
on("sources", "change", () => {
  for (const kind of ["file", "input"]) element(`${kind}-row`).hidden = source() !== kind;
  forget();
  return stop();
});
on("model", "change", async () => {
  const file = input("model").files?.[0];
  if (!file) return;
  await stop();
  use(file.name, await file.arrayBuffer());
});

await stop();
show();
await told(async () => {
  if (!globalThis.isSecureContext)
    throw new Error(
      "Browsers run audio code from https, or from this machine, alone: open http://127.0.0.1 or http://localhost.",
    );
  use("amp.rnn", await fetched("amp.rnn"));
})();
