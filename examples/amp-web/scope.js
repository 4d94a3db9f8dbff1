/** Two traces in a canvas: the sound before the net, and after it. */

const CALM = 500; // ms between two pictures, for people who want little motion

/**
 * Draws until `isOn` says no; then an empty scope.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Record<string, AnalyserNode>} traces by the property of style.css that is its colour
 * @param {() => boolean} isOn
 */
export function draw(canvas, traces, isOn) {
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const values = new Float32Array(2048);
  let last = Number.NEGATIVE_INFINITY;
  /** @param {number} time */
  const picture = (time) => {
    if (isOn() && calm.matches && time - last < CALM) {
      requestAnimationFrame(picture);
      return;
    }
    last = time;
    const { width, height } = fit(canvas);
    pen.clearRect(0, 0, width, height);
    if (!isOn()) return;
    pen.lineWidth = 1.5 * devicePixelRatio;
    let from = -1;
    for (const [colour, analyser] of Object.entries(traces)) {
      analyser.getFloatTimeDomainData(values);
      if (from < 0) from = crossing(values);
      pen.strokeStyle = getComputedStyle(canvas).getPropertyValue(colour);
      pen.beginPath();
      for (let k = 0; k < 1024; k++)
        pen.lineTo((k * width) / 1023, ((1 - values[from + k]) * height) / 2);
      pen.stroke();
    }
    requestAnimationFrame(picture);
  };
  requestAnimationFrame(picture);
}

/** As many points as the screen has. @param {HTMLCanvasElement} canvas */
function fit(canvas) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return { width, height };
}

/** Where the wave first rises through zero, so that the picture stands still. @param {Float32Array} values */
function crossing(values) {
  for (let k = 1; k < 1024; k++) if (values[k - 1] < 0 && values[k] >= 0) return k;
  return 0;
}
