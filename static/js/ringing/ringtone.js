// @ts-check
// The sound of a call that rings: two rising notes, again and again. Of several open pages one sounds.
const EVERY = 3;
const LOUDNESS = 0.22;
const NOTES = [
  { at: 0, hertz: 587.33 },
  { at: 0.17, hertz: 880 },
  { at: 0.75, hertz: 587.33 },
  { at: 0.92, hertz: 880 },
];
const LASTS = 0.9;

/** @type {AbortController | null} */
let stopping = null;

/** Ring until `stop()`: immediately when this page may play sound, else from the next touch or key on. */
export function start() {
  if (stopping) return;
  stopping = new AbortController();
  ring(stopping.signal).catch(() => {});
}

export function stop() {
  stopping?.abort();
  stopping = null;
}

/** @param {AbortSignal} signal */
async function ring(signal) {
  await touched(signal);
  if (signal.aborted) return;
  if (navigator.locks) await navigator.locks.request("worksbridge.ring", { signal }, () => sound(signal));
  else await sound(signal);
}

/**
 * Browsers keep a page silent until a user gesture.
 * @param {AbortSignal} signal
 * @returns {Promise<unknown>}
 */
function touched(signal) {
  if (navigator.userActivation?.hasBeenActive ?? true) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", resolve);
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, resolve, { once: true, capture: true, signal });
  });
}

/**
 * One round with its silence is played in a loop: nothing has to be timed while the page is in the background.
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function sound(signal) {
  const context = new AudioContext();
  const source = context.createBufferSource();
  source.buffer = round(context);
  source.loop = true;
  source.connect(context.destination);
  source.start();
  context.resume().catch(() => {});
  navigator.vibrate?.([300, 200, 300]);
  return new Promise((resolve) => {
    const end = () => {
      source.stop();
      context.close();
      navigator.vibrate?.(0);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** @param {AudioContext} context */
function round(context) {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, EVERY * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const { at, hertz } of NOTES) {
    const first = Math.round(at * rate);
    for (let i = 0; i < LASTS * rate; i += 1) samples[first + i] += LOUDNESS * note(i / rate, hertz);
  }
  return buffer;
}

/**
 * A soft stroke: a short rise against the click, then it fades; the octave makes it brighter.
 * @param {number} second
 * @param {number} hertz
 */
function note(second, hertz) {
  const strength = Math.min(1, second / 0.008) * Math.exp(-5.5 * second) * Math.min(1, (LASTS - second) / 0.05);
  const phase = 2 * Math.PI * hertz * second;
  return strength * (0.8 * Math.sin(phase) + 0.2 * Math.sin(2 * phase));
}
