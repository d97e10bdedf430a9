// @ts-check
// The quiet tone that a caller hears while it rings at the other end.
const EVERY = 3_000;
/** @type {AudioContext | null} */
let context = null;
let timer = 0;

export function startRinging() {
  if (timer) return;
  context ??= new AudioContext();
  context.resume().catch(() => {});
  beep();
  timer = setInterval(beep, EVERY);
}

export function stopRinging() {
  clearInterval(timer);
  timer = 0;
}

/** One short tone, for trying a speaker; played by `element` so that the chosen one is used. */
export function sample() {
  const rate = 16_000;
  const count = rate;
  const bytes = new DataView(new ArrayBuffer(44 + count * 2));
  /**
   * @param {number} at
   * @param {string} text
   */
  const write = (at, text) => [...text].forEach((sign, n) => bytes.setUint8(at + n, sign.charCodeAt(0)));
  write(0, "RIFF");
  bytes.setUint32(4, 36 + count * 2, true);
  write(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  write(36, "data");
  bytes.setUint32(40, count * 2, true);
  for (let n = 0; n < count; n += 1) {
    const fade = Math.sin((Math.PI * n) / count);
    const tone = Math.sin((2 * Math.PI * (n < count / 2 ? 523 : 659) * n) / rate);
    bytes.setInt16(44 + n * 2, tone * fade * 9_000, true);
  }
  return new Blob([bytes], { type: "audio/wav" });
}

function beep() {
  if (context?.state !== "running") return;
  const gain = new GainNode(context, { gain: 0 });
  const now = context.currentTime;
  gain.gain.linearRampToValueAtTime(0.04, now + 0.05);
  gain.gain.setValueAtTime(0.04, now + 0.9);
  gain.gain.linearRampToValueAtTime(0, now + 1);
  gain.connect(context.destination);
  for (const frequency of [400, 450]) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start(now);
    tone.stop(now + 1);
  }
}
