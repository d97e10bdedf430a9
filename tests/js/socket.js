// @ts-check
// The socket's other end, in the hands of a test.
import { Heard } from "./heard.js";

export class FakeSocket extends Heard {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  static all = [];

  readyState = FakeSocket.CONNECTING;
  sent = [];

  constructor(address) {
    super();
    this.address = address;
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = FakeSocket.CLOSING;
  }

  /** The server accepts the connection. */
  open() {
    this.readyState = FakeSocket.OPEN;
    this.happen("open");
  }

  /** The server says something. */
  say(frame) {
    this.happen("message", { data: JSON.stringify(frame) });
  }

  /** The connection ends with `code`. */
  end(code = 1006) {
    this.readyState = FakeSocket.CLOSED;
    this.happen("close", { code });
  }

  /** The frames of `type` that were sent. */
  of(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}
