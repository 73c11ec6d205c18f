// The one table of step types: what each is called, what an agent doing it is said to do, its icon, hue and renderer.
// Modal, cards, activity lines and waterfall read it. A new type is a row here, a hue in css/hues.css, a body in
// trace/bodies.js.
import {
  ContextBody,
  MessageBody,
  PageBody,
  PlainBody,
  QueryBody,
  ReconsideringBody,
  ThinkingBody,
  ToolBody,
  ToolErrorBody,
  WorkspaceSearchBody,
} from './trace/bodies.js';

const table = {
  context_received: {
    label: 'Context',
    activity: 'reading messages',
    icon: 'context',
    hue: 'context',
    Body: ContextBody,
  },
  thinking: { label: 'Thinking', activity: 'thinking', icon: 'thinking', hue: 'thinking', Body: ThinkingBody },
  reconsidering: {
    label: 'Reconsidering',
    activity: 'reconsidering',
    icon: 'reconsider',
    hue: 'reconsidering',
    Body: ReconsideringBody,
  },
  web_search: { label: 'Web Search', activity: 'searching the web', icon: 'globe', hue: 'web', Body: QueryBody },
  visit_page: { label: 'Reading Page', activity: 'reading a page', icon: 'page', hue: 'web', Body: PageBody },
  workspace_search: {
    label: 'Workspace Search',
    activity: 'searching the workspace',
    icon: 'search',
    hue: 'workspace',
    Body: WorkspaceSearchBody,
  },
  message_sent: {
    label: 'Response',
    activity: 'writing a response',
    icon: 'response',
    hue: 'message',
    Body: MessageBody,
  },
  message_edited: {
    label: 'Response Updated',
    activity: 'writing a response',
    icon: 'response',
    hue: 'message',
    Body: MessageBody,
  },
  tool_call: { label: 'Tool Call', activity: 'using a tool', icon: 'tool', hue: 'web', Body: ToolBody },
  tool_error: {
    label: 'Error',
    activity: 'recovering from an error',
    icon: 'alert',
    hue: 'error',
    Body: ToolErrorBody,
  },
};

const other = { activity: 'working', icon: 'dot', hue: 'other', Body: PlainBody };

export const stepTypes = Object.keys(table);

export function stepKind(type) {
  return Object.hasOwn(table, type) ? table[type] : { ...other, label: (type ?? 'step').replaceAll('_', ' ') };
}

export function activityText(type) {
  return type ? stepKind(type).activity : 'working';
}
