// What the scripts share, for the type checker alone: nothing loads this file. Frames and answers are as the server's
// frames.py, pushes.py, snapshots.py and views write them.

// Messages

/** A message as pushes, acknowledgements and answers carry it. */
interface Item {
  seq: number;
  rev: number;
  /** Its number among what people wrote. */
  ordinal: number;
  kind: "text" | "line";
  author: number | null;
  client_id: string | null;
  /** Empty when there is nothing left to show. */
  html: string;
}

/** What happened to a room, in no language. */
interface RoomEvent {
  event: string;
  parts?: Record<string, EventPart>;
  /** Who is named: the name then, and the company. */
  people?: Record<string, [string, number | null]>;
  /** The names of these companies then. */
  companies?: Record<string, string>;
  call?: { id: number; kind: string; outcome: string; caller: number };
}

/** A part of an event: people (and how many more), a length of time, a text by its name, or a text. */
interface EventPart {
  people?: number[];
  more?: number;
  seconds?: number;
  word?: string;
  text?: string;
}

/** A change of a room from revision `after` to `rev`. */
interface Push {
  after: number;
  rev: number;
  items?: Item[];
}

/** Where each room stands, by room. */
type Positions = Record<string, number>;

/** What members have read, by member: after which message, and until which. */
type Readers = Record<string, [from: number, seq: number]>;

/** What the room list shows of a room's last message. */
interface Preview {
  seq: number;
  text: string;
  /** Of a system message, which has no text. */
  event?: RoomEvent;
  /** A moment as ISO 8601. */
  at: string;
  author: number | null;
  name: string;
}

/** The answer to "what changed since revision …". */
interface Changes {
  rev: number;
  items: Item[];
  reads: Readers;
  /** Too much has changed: fetch the whole timeline. */
  reload: boolean;
}

/** What is written but not acknowledged. */
interface Entry {
  client_id: string;
  room: number;
  body: string;
  /** Milliseconds, and unique: the order of writing. */
  order: number;
  /** Why the server refused it; empty when it did not. */
  error: string;
}

// Calls

type CallKind = "voice" | "video";
/** Microphone or camera, as sentences about them are named. */
type DeviceName = "microphone" | "camera";
type DeviceKind = "audioinput" | "videoinput" | "audiooutput";

/** What a person in a call has switched on. */
interface Switched {
  mic: boolean;
  camera: boolean;
  screen: boolean;
}

/** One page of a person that can be connected with. */
interface PageOf {
  member: number;
  device: string;
  /** What Janus calls what they send. */
  feed?: number;
}

interface Person extends PageOf, Switched {
  name: string;
  state: "ringing" | "joined" | "left" | "declined" | "missed" | "busy";
  feed: number;
  /** The server has had no sign of life of their page for a while. */
  lost: boolean;
  /** Their tile. */
  html: string;
}

/** A call as all pages in it know it. */
interface Snapshot {
  id: number;
  room: number;
  rev: number;
  kind: CallKind;
  direct: boolean;
  state: "ringing" | "live" | "ended";
  mode: "mesh" | "sfu";
  outcome: string;
  started_by: number;
  answered_at: string | null;
  ended_at: string | null;
  people: Person[];
}

/** How a connection is. */
type ConnectionState = "connecting" | "connected" | "lost" | "dead" | "closed";

/** How a call begins for this page. */
interface Wish {
  video?: boolean;
  /** Without microphone and camera. */
  without?: boolean;
  muted?: boolean;
  /** Take the call over from another page of this member. */
  move?: boolean;
}

/** Between two pages: one of the two. */
interface Signal {
  description?: { type: RTCSdpType; sdp: string };
  candidates?: RTCIceCandidateInit[];
}

/** How media may travel. */
interface WaysAnswer {
  iceServers: RTCIceServer[];
  relayOnly: boolean;
}

/** Where this page finds Janus, and what it may do there. */
interface JanusAccess {
  url: string;
  token: string;
  room: number;
  feed: number;
  pin: string;
}

interface JanusStream {
  mid: string;
  feed_id?: number;
  active?: boolean;
}

/** What the video room says: only those that are used here. */
interface JanusData {
  id?: number;
  private_id?: number;
  publishers?: { id: number }[];
  unpublished?: number | "ok";
  leaving?: number | "ok";
  streams?: JanusStream[];
  error?: string;
}

interface JanusAnswer {
  data: JanusData;
  jsep?: RTCSessionDescriptionInit;
}

interface JanusMessage {
  janus: string;
  transaction: string;
  sender: number;
  data?: JanusData;
  plugindata?: { data: JanusData };
  jsep?: RTCSessionDescriptionInit;
  error?: { reason: string };
}

/** The loudness of a track now, from 0 to 1. */
interface Level {
  (): number;
  stop(): void;
}

// Parts of the call window, for those that are handed one.

type CallWindow = import("./call-window/element.js").CallWindow;
type Controls = import("./call-window/controls.js").Controls;
type Fault = import("./call-window/media.js").Fault;
type Handle = import("./call-window/janus.js").Handle;
type Media = import("./call-window/media.js").Media;
type Said = import("./call-window/status-line.js").Said;
type Stage = import("./call-window/stage.js").Stage;
type Ways = import("./call-window/ice-config.js").Ways;

// Frames

/** From the server, by type. */
interface Frames {
  ack: Item & { room: number };
  nack: { code: string; text: string; client_id?: string; call?: number; retry?: boolean; after?: number };
  room: { room: number; after: number; rev: number; items: Item[]; refresh: boolean; preview?: Preview };
  read: { room: number; member: number; from?: number; seq: number };
  typing: { room: number; member: number };
  heads: { heads: Positions; list: number };
  presence: { room: number; online: number[] };
  gone: { room: number; reason?: string };
  reload: { parts: string[]; room?: number };
  notice: { html: string; unread: number };
  /** Notifications were read on another page. */
  unread: { unread: number };
  call: { call: Snapshot };
  call_started: { call: number; room: number; html: string };
  call_gone: { call: number; device: string | null; reason: string };
  signal: { call: number; from: number; device: string; to_device: string; data: Signal };
  bye: { after: number };
}

type FrameOf<K extends keyof Frames> = Frames[K] & { type: K };
type Frame = { [K in keyof Frames]: FrameOf<K> }[keyof Frames];

/** To the server. */
type SentFrame =
  | { type: "send"; room: number; client_id: string; body: string }
  | { type: "typing"; room: number }
  | { type: "read"; room: number; seq: number }
  | { type: "presence"; room: number; members: number[] }
  | { type: "heartbeat"; rooms: number[] }
  | { type: "in_call"; call: number; device: string; rev: number }
  | ({ type: "call_status"; call: number; device: string } & Switched)
  | { type: "signal"; call: number; device: string; to: number; to_device: string; data: Signal };

// Events: of each kind, what is its detail.

type LiveEvents = { open: null; close: null; "signed-out": null; frame: Frame } & {
  [K in keyof Frames as `frame:${K}`]: FrameOf<K>;
};

interface OutboxEvents {
  added: { entry: Entry };
  /** The entry was another page's when there is none. */
  acked: { entry: Entry | undefined; frame: Frames["ack"] };
  failed: { entry: Entry };
  retried: { entry: Entry };
  discarded: { entry: Entry };
}

interface SessionEvents {
  snapshot: null;
  signal: Frames["signal"];
  gone: string;
  back: null;
}

interface MediaEvents {
  change: null;
  lost: DeviceName;
}

interface PeerEvents {
  state: null;
  tracks: null;
}

interface JanusEvents {
  close: null;
}

interface HandleEvents {
  event: JanusAnswer;
  hangup: null;
}

interface PartEvent {
  name: string | null;
}

interface RoomEvent {
  room: number;
}

/** What htmx tells with its events: only those that are used here. https://htmx.org/events/ */
interface HtmxEvent {
  elt: HTMLElement;
  target: HTMLElement;
  verb: string;
  headers: Record<string, string>;
  xhr: XMLHttpRequest;
  serverResponse: string;
  shouldSwap: boolean;
  requestConfig: { elt: HTMLElement };
}

interface GlobalEventHandlersEventMap {
  "wb:part": CustomEvent<PartEvent>;
  "wb:part-gone": CustomEvent<PartEvent>;
  "wb:part-failed": CustomEvent<PartEvent>;
  "wb:read": CustomEvent<RoomEvent>;
  "wb:unmarked": CustomEvent<RoomEvent>;
  "wb:room-gone": CustomEvent<RoomEvent>;
  "wb:list": CustomEvent<null>;
  "wb:members": CustomEvent<null>;
  "wb:names": CustomEvent<null>;
  "wb:signed-out": CustomEvent<null>;
  "htmx:afterSettle": CustomEvent<HtmxEvent>;
  "htmx:afterSwap": CustomEvent<HtmxEvent>;
  "htmx:beforeRequest": CustomEvent<HtmxEvent>;
  "htmx:beforeSwap": CustomEvent<HtmxEvent>;
  "htmx:configRequest": CustomEvent<HtmxEvent>;
  "htmx:load": CustomEvent<HtmxEvent>;
  "htmx:sendError": CustomEvent<HtmxEvent>;
  "htmx:timeout": CustomEvent<HtmxEvent>;
}

/** What tells listeners of the events in `M`: `class A extends (EventTarget)`, with EventTarget cast to this. */
type Telling<M> = new () => {
  addEventListener<K extends keyof M & string>(type: K, listener: (event: CustomEvent<M[K]>) => unknown, options?: ListenerOptions): void;
  removeEventListener(type: keyof M & string, listener: () => unknown): void;
  dispatchEvent(event: Event): boolean;
};

type ListenerOptions = boolean | AddEventListenerOptions;

// The page: what its own scripts know of the browser's types better than the browser's types do.

/** An event that an element hears: what it happened to is an element of the page. */
type Heard<E> = E & { readonly target: HTMLElement };

interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  querySelector<E extends Element = HTMLElement>(selector: string): E | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selector: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends Element = HTMLElement>(selector: string): NodeListOf<E>;
}

interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends Element = HTMLElement>(selector: string): E | null;
}

interface HTMLElement {
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: Heard<HTMLElementEventMap[K]>) => unknown,
    options?: ListenerOptions,
  ): void;
}

interface HTMLFormElement {
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: Heard<HTMLElementEventMap[K]>) => unknown,
    options?: ListenerOptions,
  ): void;
}

interface Document {
  addEventListener<K extends keyof DocumentEventMap>(
    type: K,
    listener: (event: Heard<DocumentEventMap[K]>) => unknown,
    options?: ListenerOptions,
  ): void;
}

interface LivePartElement extends HTMLElement {
  refetch(): Promise<void>;
}

interface HTMLElementTagNameMap {
  "live-part": LivePartElement;
}

interface Window {
  htmx?: { process(root: Element): void };
}
