// @ts-check
// How loud a track is, from 0 to 1: for the meter before a call, and for who speaks in it.
/** @type {AudioContext | null} */
let context = null;

/**
 * A function that tells how loud `track` is now, and `stop()` which ends it.
 * @param {MediaStreamTrack} track
 * @returns {Level}
 */
export function levelOf(track) {
  context ??= new AudioContext();
  context.resume().catch(() => {});
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.sqrt(power) * 4);
  };
  level.stop = () => source.disconnect();
  return level;
}

/**
 * How loud the person behind these connections' sound tracks is, by what arrives.
 * @param {RTCPeerConnection[]} pcs
 * @param {MediaStreamTrack} track
 */
export function receivedLevel(pcs, track) {
  for (const pc of pcs) {
    const receiver = pc.getReceivers().find((one) => one.track === track);
    const [source] = receiver?.getSynchronizationSources?.() ?? [];
    // What came last may have come long ago.
    if (source && performance.timeOrigin + performance.now() - source.timestamp < 1_000) return source.audioLevel ?? 0;
  }
  return 0;
}
