// @ts-check
// Whether calls find a way from this network: which addresses a connection could offer.
/** @typedef {{ key: string, state: "good" | "bad" }} Verdict */

const ENOUGH = 8_000;

/**
 * Try with `configuration` (of an RTCPeerConnection). Returns the key of a sentence, its state, and the relay servers.
 * @param {RTCConfiguration} configuration
 * @returns {Promise<Verdict & { servers: string }>}
 */
export async function tryNetwork(configuration) {
  if (!globalThis.RTCPeerConnection) return { key: "check_network_unable", state: "bad", servers: "" };
  const relays = relaysOf(configuration);
  const hidden = configuration.iceTransportPolicy === "relay";
  const found = await gather(configuration, (types) => types.has("relay") && (hidden || types.has("direct")));
  return { ...verdict(found, relays, hidden), servers: relays.join(", ") };
}

/**
 * @param {RTCConfiguration} configuration
 * @param {(types: Set<string>) => boolean} enough
 */
async function gather(configuration, enough) {
  const pc = new RTCPeerConnection(configuration);
  const found = new Set();
  /** @type {Promise<void>} */
  const done = new Promise((finished) => {
    setTimeout(finished, ENOUGH);
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) found.add(candidate.type === "relay" ? "relay" : "direct");
      if (!candidate || enough(found)) finished();
    });
  });
  pc.createDataChannel("check");
  await pc.setLocalDescription();
  await done;
  pc.close();
  return found;
}

/**
 * @param {Set<string>} found
 * @param {string[]} relays
 * @param {boolean} hidden
 * @returns {Verdict}
 */
function verdict(found, relays, hidden) {
  const [relay, direct] = [found.has("relay"), found.has("direct")];
  if (relay && hidden) return { key: "check_network_hidden", state: "good" };
  if (relay) return { key: direct ? "check_network_both" : "check_network_relay", state: "good" };
  if (direct) return relays.length ? { key: "check_network_no_relay", state: "bad" } : { key: "check_network_direct", state: "good" };
  return { key: relays.length ? "check_network_none" : "check_network_nothing", state: "bad" };
}

/**
 * turn:relay.example:3478?transport=udp is relay.example:3478 for people.
 * @param {RTCConfiguration} configuration
 */
function relaysOf({ iceServers = [] }) {
  const urls = iceServers.flatMap(({ urls: some }) => some).filter((url) => /^turns?:/.test(url));
  return [...new Set(urls.map((url) => url.replace(/^turns?:|\?.*/g, "")))];
}
