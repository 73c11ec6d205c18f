// SPDX-License-Identifier: Apache-2.0
// The shapes that the API answers with, once, for the type checker (tests/lint/types.sh). Nothing of this is served.

type SessionStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
type StepStatus = 'running' | 'completed' | 'failed' | 'interrupted';

interface User {
  id: string;
  name: string;
  slug: string;
  avatar: string;
}

interface Persona {
  id: string;
  name: string;
  slug: string;
  avatar: string;
  description?: string;
  connected?: boolean;
  demo?: boolean;
  modelStatus?: 'reachable' | 'unreachable' | 'unknown' | 'refused';
}

interface Member extends User {
  role?: string;
}

interface AdministeredPerson extends User {
  email: string;
  role: 'admin' | 'member';
  joinedAt: string;
  lastSeenAt?: string;
  deactivatedAt?: string;
  elsewhere?: boolean;
}

interface PendingInvite {
  id: string;
  email: string;
  role: 'admin' | 'member';
  invitedBy: User;
  createdAt: string;
  expiresAt: string;
}

interface Token {
  id: string;
  personaId: string;
  label?: string;
  scopes: string[];
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
  lastUsedAt?: string;
}

interface Author extends User {
  type: 'user' | 'persona';
}

interface Workspace {
  id: string;
  name: string;
  role?: string;
}

interface StreamName {
  id: string;
  type: 'channel' | 'thread' | 'scratchpad';
  name: string;
}

interface Stream extends StreamName {
  private: boolean;
  parentStreamId?: string;
  parentMessageId?: string;
  personaId?: string;
  lastSeq: number;
  readSeq: number;
  unreadCount: number;
  mentionCount: number;
  running: number | boolean;
  me?: { member: boolean; canPost: boolean; role?: string };
  // Set by the page alone: something came that nobody here has read.
  hasNews?: boolean;
}

interface Mention {
  type: 'user' | 'persona';
  id: string;
  slug: string;
  name: string;
}

interface Source {
  type: 'web' | 'message' | 'document';
  title: string;
  url?: string;
  domain?: string;
  snippet?: string;
  streamId?: string;
  streamName?: string;
  messageId?: string;
  authorName?: string;
  timestamp?: string;
}

interface Message {
  id: string;
  streamId: string;
  seq: number;
  version: number;
  author: Author;
  content: string;
  mentions?: Mention[];
  createdAt: string;
  editedAt?: string;
  deleted?: boolean;
  clientMessageId?: string;
  sessionId?: string;
  contentLength?: number;
  truncated?: boolean;
  sources?: Source[];
  sourcesTruncated?: boolean;
  threadId?: string;
  replyCount: number;
  lastReplyAt?: string;
  lastReplyAuthor?: Author;
}

interface Quantiles {
  p50: number;
  p95: number;
}

// Sessions of an hour, a day, an agent, a channel or a model, or all together.
interface Counts {
  key?: string;
  name?: string;
  sessions: number;
  completed: number;
  failed: number;
  cancelled: number;
  steps: number;
  durationMs?: Quantiles;
  firstStepMs?: Quantiles;
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  costUsd?: number;
  costComputed?: boolean;
}

// What sessions did: calls of a tool or a model, or an error.
interface PartCounts {
  key: string;
  of?: 'session' | 'step';
  count?: number;
  calls?: number;
  failed?: number;
  durationMs?: Quantiles;
  longestMs?: number;
  tokens?: number;
  costUsd?: number;
  sessionId: string;
  stepId?: string;
}

interface Usage {
  model?: string;
  inputTokens?: number;
  outputTokens?: number;
  reasoningTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  totalTokens?: number;
  costUsd?: number;
  costComputed?: boolean;
  isSum?: boolean;
}

interface Failure {
  code: string;
  message?: string;
}

interface Session {
  id: string;
  workspaceId: string;
  streamId?: string;
  stream?: StreamName;
  parentStreamId?: string;
  parentMessageId?: string;
  personaId: string;
  persona: Persona;
  title?: string;
  triggerMessageId?: string;
  trigger?: { messageId: string; authorId?: string; authorName: string; excerpt: string };
  retryOf?: string;
  retriedBy?: string;
  attempt: number;
  status: SessionStatus;
  currentStepType?: string;
  // What its agent asks a person, while that can be decided.
  approval?: {
    stepId: string;
    question: string;
    options: { id: string; label?: string; danger?: boolean }[];
    expiresAt: string;
  };
  stepCount: number;
  openSteps: number;
  messageCount: number;
  sourceCount: number;
  usage?: Usage;
  lastSeq: number;
  createdAt: string;
  startedAt?: string;
  completedAt?: string;
  durationMs?: number;
  prunedAt?: string;
  heartbeatAt?: string;
  heartbeat?: 'none';
  // Its model was told something first; that is asked for by itself.
  hasInstructions?: true;
  hasMetadata?: true;
  error?: Failure;
  endedBy?: { type: string; id?: string; name?: string };
  metadata?: Record<string, unknown>;
  // The sums of its ratings.
  rating?: { up: number; down: number; notes: number; scores?: Record<string, number> };
  timesAdjusted?: boolean;
  // Where a session was reported from, if its agent did not make it here.
  source?: { kind: string; client?: string; version?: string };
  externalId?: string;
  threadKey?: string;
  userId?: string;
  tags?: string[];
  environment?: string;
  project?: string;
  heartbeat?: 'none';
}

// What somebody thinks of a session, a step or a message (`target`).
interface Rating {
  id: string;
  target: string;
  by: Author;
  thumb?: 'up' | 'down';
  note?: string;
  name?: string;
  score?: number;
  createdAt: string;
  updatedAt: string;
}

// What a trace says of another attempt of the same chain.
interface RelatedSession {
  id: string;
  attempt: number;
  status: SessionStatus;
  createdAt: string;
  durationMs?: number;
}

interface Step {
  id: string;
  sessionId: string;
  stepNumber: number;
  stepType: string;
  name?: string;
  parentStepId?: string;
  status: StepStatus;
  content?: any;
  contentLength?: number;
  truncated?: boolean;
  sources?: Source[];
  sourcesTruncated?: boolean;
  messageId?: string;
  usage?: Usage;
  error?: Failure;
  startedAt: string;
  // Microseconds since 1970: the order of steps is by it and the number.
  startedUs: number;
  completedAt?: string;
  durationMs?: number;
  seq: number;
}

interface Outline {
  session: Session;
  lastSeq: number;
  columns: string[];
  steps: any[][];
}

interface Activity {
  messageId?: string;
  session: Session;
}

// An event of a room as its `data:` line tells it. Which fields are there depends on its name.
interface RoomEventData {
  room: string;
  seq?: number;
  [field: string]: any;
}

interface TimelineEvent {
  type: string;
  seq: number;
  createdAt: string;
  message?: Message;
  session?: Session;
  messageId?: string;
}

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  [field: string]: unknown;
}
