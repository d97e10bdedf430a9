// How media may travel: the servers, with credentials that end, and whether the member's own addresses are hidden.
import { get } from "./server.js";

// Credentials are asked for anew long before they end.
const FRESH = 10 * 60_000;

export class Ways {
  #address;
  #asked = 0;
  #answer = null;

  constructor(address) {
    this.#address = address;
  }

  /** The configuration for an RTCPeerConnection. Without an answer of the server, the last one. */
  async configuration() {
    if (!this.#answer || Date.now() - this.#asked > FRESH) {
      this.#asked = Date.now();
      this.#answer = get(this.#address).catch((error) => {
        this.#asked = 0;
        if (this.last) return this.last;
        throw error;
      });
    }
    this.last = await this.#answer;
    const { iceServers, relayOnly } = this.last;
    return { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" };
  }
}
