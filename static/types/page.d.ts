// SPDX-License-Identifier: Apache-2.0
// The page's own shapes that several modules share.

type Signal<T> = import('@preact/signals').Signal<T>;
type Timer = ReturnType<typeof setTimeout> | undefined;
type Release = () => void;

// The page looks for elements of HTML only.
interface ParentNode {
  querySelector(selectors: string): HTMLElement | null;
  querySelectorAll(selectors: string): NodeListOf<HTMLElement>;
}

interface Element {
  closest(selectors: string): HTMLElement | null;
}

type ApiError = import('../api.js').ApiError;

interface Table<T> {
  get(id: string | undefined): T | undefined;
  peek(id: string | undefined): T | undefined;
  put(id: string, next: T): T;
  set(id: string, value: T): void;
  drop(id: string): void;
  keys(): string[];
  all(): T[];
}

interface Route {
  name: string;
  path: string;
  query: Record<string, string>;
  ws?: string;
  id?: string;
  step?: string;
}

// A step as the tree, the outline and the order know it.
interface Meta {
  id: string;
  number: number;
  type: string;
  name?: string;
  parentId?: string;
  status: StepStatus;
  startedAt: number;
  // What orders the steps, before their numbers.
  startedUs: number;
  durationMs?: number;
  messageId?: string;
  seq: number;
  // Shown as it stood at a moment of a replay, when it had not ended.
  isAsOf?: boolean;
}

interface Trace {
  metas: Meta[];
  byId: Map<string, Meta>;
  complete: boolean;
}

// Streamed text: `bytes` in UTF-8. `seen`: more of it that the reader saw before a shorter content came.
interface LiveEntry {
  text: string;
  bytes: number;
  seen?: string;
  value?: unknown;
}

interface TimelineEntry {
  kind: 'message' | 'session';
  id: string;
  seq: number;
  at: string;
  continues?: boolean;
}

interface TimelineDay {
  kind: 'day';
  id: string;
  at: string;
  continues?: undefined;
}

interface Timeline {
  entries: TimelineEntry[];
  oldest: number | null;
  hasBefore: boolean;
}

type RoomState = 'connecting' | 'buffering' | 'live' | 'stale' | 'gone';

interface QueuedEvent {
  seq: number;
  type: string;
  data: RoomEventData;
}

interface Room {
  name: string;
  state: RoomState;
  seq: number | null;
  from: number | null;
  queue: QueuedEvent[];
  ended: boolean;
}

// What has to be asked of the server because of an event.
interface Wanted {
  missing?: string[];
  interrupted?: { sessionId: string; stepId: string }[];
  added?: string[];
  cut?: string[];
}

interface Snapshot {
  lastSeq: number;
  ended?: boolean;
  commit(): Wanted;
}

interface SessionOptions {
  highlight?: string;
  fromEnd?: boolean;
}

interface OutboxRow {
  key: string;
  streamId: string;
  content: string;
  at: string;
  box: string;
  state: 'sending' | 'failed';
  reason?: string;
}

interface Follow {
  following: boolean;
  jump(): void;
  setFollowing(value: boolean): void;
  onScroll(): void;
}

interface Nests {
  visible: Meta[];
  of(id: string): Nest | null;
  unfold(): void;
}

interface Nest {
  count: number;
  isFolded: boolean;
  toggle(): void;
}

// How much of a text is shown, and which lengths it had reached when.
interface Pace {
  shown: number;
  marks: { at: number; length: number }[];
}

interface Bar {
  id: string;
  type: string;
  status: StepStatus;
  x: number;
  width: number;
  lane: number;
}

interface Bars {
  bars: Bar[];
  gaps: number[];
  total: number;
  lanes: number;
}

interface Heights {
  known: Map<string, number>;
  estimate: number;
  ids: string[];
  offsets: Float64Array;
  dirty: boolean;
}

// One that can be called with @.
interface Mentionable {
  id: string;
  name: string;
  slug: string;
  avatar?: string;
}

interface MenuItem {
  id: string;
  label: string;
  icon?: string;
  danger?: boolean;
  href?: string;
  run?: () => unknown;
}

interface SearchHit {
  message: Message;
  stream: StreamName;
  snippet: string;
  matches: [number, number][];
}

// What a reader did to a row.
interface RowMemory {
  closed?: boolean;
  autoFold?: boolean;
  unfolded?: boolean;
  wasOpen?: boolean;
  sourcesOpen?: boolean;
  watched?: LiveEntry;
  whole?: { seq: number; text: string };
  pieces?: number;
  isLoading?: boolean;
}

// What a person may want to be notified of.
type NoticeKind = 'finished' | 'failed' | 'decision' | 'mention';
