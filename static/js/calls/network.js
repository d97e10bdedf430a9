// Whether calls find a way from here: which addresses a connection would offer.
import { get } from "./server.js";

const WITHIN = 8_000;

/** The key of the sentence for what was found, and whether it is fine. Throws when the server cannot be reached. */
export async function networkKey(address) {
  const { iceServers, relayOnly } = await get(address);
  const found = await candidates({ iceServers, iceTransportPolicy: relayOnly ? "relay" : "all" });
  const relays = iceServers.some(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
  if (found.has("relay")) return { key: relayOnly ? "network_relay_only" : "network_relay", fine: true };
  if (relays) return { key: "network_no_relay", fine: false };
  return found.size ? { key: "network_direct", fine: true } : { key: "network_none", fine: false };
}

async function candidates(configuration) {
  const pc = new RTCPeerConnection(configuration);
  const found = new Set();
  pc.createDataChannel("check");
  const done = new Promise((over) => {
    setTimeout(over, WITHIN);
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (!candidate) over();
      else if (candidate.type) found.add(candidate.type);
      if (candidate?.type === "relay") over();
    });
  });
  await pc.setLocalDescription();
  await done;
  pc.close();
  return found;
}
