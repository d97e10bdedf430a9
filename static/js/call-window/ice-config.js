// @ts-check
// How media may travel: the servers, with credentials that end, and whether the member's own addresses are hidden.
import { get } from "./server.js";

// Credentials are renewed long before they expire.
const FRESH = 10 * 60_000;

export class Ways {
  #address;
  #asked = 0;
  /** @type {Promise<WaysAnswer> | null} */
  #answer = null;
  /** @type {WaysAnswer | undefined} */
  #last;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /**
   * The configuration for an RTCPeerConnection. Without an answer of the server, the last one.
   * @returns {Promise<RTCConfiguration>}
   */
  async configuration() {
    if (!this.#answer || Date.now() - this.#asked > FRESH) {
      this.#asked = Date.now();
      this.#answer = get(this.#address).catch((error) => {
        this.#asked = 0;
        if (this.#last) return this.#last;
        throw error;
      });
    }
    const answer = await this.#answer;
    this.#last = answer;
    const { iceServers, relayOnly } = answer;
    return { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" };
  }
}
