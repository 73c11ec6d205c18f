// What one can do with a message: the registry. An action appears when its `when` says so; it is a link (href) or
// does something (run).
import { copyText, deleteMessage, openThread } from '../actions.js';
import { absolute, messageUrl, traceUrl } from '../links.js';
import { workspace } from '../store.js';

const registry = [];

// {id, label, icon, when(context), href(context) | run(context), danger?}; context: {message, me, stream, edit}.
export function messageActionAdd(action) {
  registry.push(action);
}

export function messageActions(context) {
  return registry
    .filter((action) => action.when(context))
    .map((action) => ({
      id: action.id,
      label: action.label,
      icon: action.icon,
      danger: action.danger,
      href: action.href?.(context),
      run: action.run && (() => action.run(context)),
    }));
}

const own = ({ message, me }) => !message.deleted && message.author.id === me.id;

messageActionAdd({
  id: 'trace',
  label: 'Show trace and sources',
  icon: 'thinking',
  when: ({ message }) => Boolean(message.sessionId),
  href: ({ message }) => traceUrl(message.sessionId, message.id),
});
messageActionAdd({
  id: 'copy',
  label: 'Copy message',
  icon: 'copy',
  when: ({ message }) => !message.deleted,
  run: ({ message }) => copyText(message.content, 'The message'),
});
messageActionAdd({
  id: 'thread',
  label: 'Reply in thread',
  icon: 'thread',
  when: ({ message, stream }) => stream.type !== 'thread' && (!message.deleted || Boolean(message.threadId)),
  run: ({ message }) => openThread(message),
});
messageActionAdd({
  id: 'link',
  label: 'Copy link',
  icon: 'link',
  when: () => true,
  run: ({ message }) => copyText(absolute(messageUrl(workspace.peek().id, message.streamId, message.id)), 'The link'),
});
messageActionAdd({ id: 'edit', label: 'Edit', icon: 'pad', when: own, run: ({ edit }) => edit() });
messageActionAdd({
  id: 'delete',
  label: 'Delete',
  icon: 'trash',
  danger: true,
  when: own,
  run: ({ message }) => deleteMessage(message.id),
});
