// @ts-check
// What is asked over HTTP waits until a test answers it.
import { settle } from "./page.js";

export class Server {
  /** Every question, in order: {address, options}. */
  asked = [];
  #open = [];

  fetch = (address, options = {}) =>
    new Promise((answer, fail) => {
      const question = { address: String(address), options, answer, fail };
      this.asked.push(question);
      this.#open.push(question);
    });

  get addresses() {
    return this.asked.map(({ address }) => address);
  }

  /** Answer the oldest open question: an object as JSON, a string as HTML. */
  async answer(content, { status = 200, headers = {}, url = "", redirected = false } = {}) {
    const body = typeof content === "string" ? content : JSON.stringify(content);
    const response = new Response(body, { status, headers });
    Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
    this.#next().answer(response);
    await settle();
  }

  /** The network fails for the oldest open question. */
  async fail() {
    this.#next().fail(new TypeError("Failed to fetch"));
    await settle();
  }

  #next() {
    const question = this.#open.shift();
    if (!question) throw new Error("nothing is asked");
    return question;
  }
}
