// SPDX-License-Identifier: Apache-2.0
// The registry of what can be done with a message. An action appears when its `when` says so. It is a link (href) or
// does something (run).
import { copyText, deleteMessage, openThread, wholeMessage } from '../actions.js';
import { absolute, messageUrl, traceUrl } from '../links.js';
import { workspace } from '../store.js';

/**
 * @typedef {{ message: Message, me: User, stream: Stream, edit: () => unknown }} MessageContext
 * @typedef {{ id: string, label: string, icon: string, when: (context: MessageContext) => boolean, danger?: boolean,
 *   href?: (context: MessageContext) => string, run?: (context: MessageContext) => unknown }} MessageAction
 */

/** @type {MessageAction[]} */
const registry = [];

/** @param {MessageAction} action */
export function messageActionAdd(action) {
  registry.push(action);
}

/** @param {MessageContext} context */
export function messageActions(context) {
  return registry
    .filter((action) => action.when(context))
    .map((action) => ({
      id: action.id,
      label: action.label,
      icon: action.icon,
      danger: action.danger,
      href: action.href?.(context),
      run: action.run && (() => action.run?.(context)),
    }));
}

/** @param {MessageContext} options */
const own = ({ message, me }) => !message.deleted && message.author.id === me.id;

messageActionAdd({
  id: 'trace',
  label: 'Show trace and sources',
  icon: 'thinking',
  /** @param {{ message: Message }} options */
  when: ({ message }) => Boolean(message.sessionId),
  /** @param {{ message: Message }} options */
  href: ({ message }) => traceUrl(message.sessionId ?? '', message.id),
});
messageActionAdd({
  id: 'copy',
  label: 'Copy message',
  icon: 'copy',
  /** @param {{ message: Message }} options */
  when: ({ message }) => !message.deleted,
  /** @param {{ message: Message }} options */
  run: async ({ message }) => {
    const whole = await wholeMessage(message);
    return whole && copyText(whole.content, 'The message');
  },
});
messageActionAdd({
  id: 'thread',
  label: 'Reply in thread',
  icon: 'thread',
  /** @param {{ message: Message, stream: Stream }} options */
  when: ({ message, stream }) => stream.type !== 'thread' && (!message.deleted || Boolean(message.threadId)),
  /** @param {{ message: Message }} options */
  run: ({ message }) => openThread(message),
});
messageActionAdd({
  id: 'link',
  label: 'Copy link',
  icon: 'link',
  when: () => true,
  /** @param {{ message: Message }} options */
  run: ({ message }) => copyText(absolute(messageUrl(workspace.peek().id, message.streamId, message.id)), 'The link'),
});
messageActionAdd({ id: 'edit', label: 'Edit', icon: 'pad', when: own, run: ({ edit }) => edit() });
messageActionAdd({
  id: 'delete',
  label: 'Delete',
  icon: 'trash',
  danger: true,
  when: own,
  /** @param {{ message: Message }} options */
  run: ({ message }) => deleteMessage(message.id),
});
