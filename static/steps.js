// SPDX-License-Identifier: Apache-2.0
// The table of step types: the label, what an agent doing such a step is said to do, icon and hue. Modal, cards, activity
// lines and waterfall read it. A new type is a row here, a hue in css/hues.css and, unless its content is plain, a body in
// trace/bodies.js.
// `begins`: the keys of its content that are there when it begins; the others are what came of it. A text stands for the
// only one.
/**
 * @typedef {{ label: string, activity: string, icon: string, hue: string, begins?: string[] }} StepKind
 * @type {Record<string, StepKind>}
 */
const table = {
  context_received: {
    label: 'Context',
    activity: 'reading messages',
    icon: 'context',
    hue: 'context',
  },
  thinking: { label: 'Thinking', activity: 'thinking', icon: 'thinking', hue: 'thinking' },
  reconsidering: {
    label: 'Reconsidering',
    activity: 'reconsidering',
    icon: 'reconsider',
    hue: 'reconsidering',
  },
  web_search: { label: 'Web Search', activity: 'searching the web', icon: 'globe', hue: 'web', begins: ['query'] },
  visit_page: { label: 'Reading Page', activity: 'reading a page', icon: 'page', hue: 'web', begins: ['url'] },
  workspace_search: {
    label: 'Workspace Search',
    activity: 'searching the workspace',
    icon: 'search',
    hue: 'workspace',
    begins: ['query'],
  },
  message_sent: {
    label: 'Response',
    activity: 'writing a response',
    icon: 'response',
    hue: 'message',
  },
  message_edited: {
    label: 'Response Updated',
    activity: 'writing a response',
    icon: 'response',
    hue: 'message',
  },
  tool_call: {
    label: 'Tool Call',
    activity: 'using a tool',
    icon: 'tool',
    hue: 'web',
    begins: ['tool', 'server', 'args'],
  },
  tool_error: {
    label: 'Error',
    activity: 'recovering from an error',
    icon: 'alert',
    hue: 'error',
  },
  agent: { label: 'Agent', activity: 'working', icon: 'thinking', hue: 'reconsidering' },
  generation: { label: 'Model', activity: 'thinking', icon: 'thinking', hue: 'thinking' },
  retrieval: { label: 'Retrieval', activity: 'looking things up', icon: 'search', hue: 'workspace', begins: ['query'] },
  embedding: { label: 'Embedding', activity: 'computing embeddings', icon: 'dot', hue: 'other' },
  group: { label: 'Group', activity: 'working', icon: 'tree', hue: 'other' },
  guardrail: { label: 'Guardrail', activity: 'checking', icon: 'lock', hue: 'other' },
  handoff: { label: 'Handoff', activity: 'handing over', icon: 'right', hue: 'reconsidering' },
  approval: {
    label: 'Approval',
    activity: 'waiting for a decision',
    icon: 'help',
    hue: 'message',
    begins: ['question', 'options', 'expiresAt'],
  },
};

const other = { activity: 'working', icon: 'dot', hue: 'other' };

export const stepTypes = Object.keys(table);

/** @param {string} type */
export function stepKind(type) {
  return Object.hasOwn(table, type) ? table[type] : { ...other, label: (type ?? 'step').replaceAll('_', ' ') };
}

/** @param {string} [type] */
export function activityText(type) {
  return type ? stepKind(type).activity : 'working';
}

// The same for a session whose steps are not at hand. A question that has been answered is waited for no longer.
/** @param {Session} session */
export function sessionActivity({ currentStepType, approval }) {
  return activityText(currentStepType === 'approval' && !approval ? undefined : currentStepType);
}
