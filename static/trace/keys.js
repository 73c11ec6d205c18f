// Single keys in the trace. They act only when focus is in it and not in a field, and only if the reader wants them.
import { useEffect, useRef } from '../html.js';
import { copyText } from '../actions.js';
import { settings, settingsSet } from '../settings.js';
import { absolute } from '../links.js';
import { route, urlWith } from '../router.js';

const inField = (target) => target.closest('input, textarea, select, [contenteditable]') !== null;

export const traceKeys = [
  ['j', 'next step'],
  ['k', 'previous step'],
  ['n', 'next error or tool'],
  ['p', 'previous error or tool'],
  ['o', 'expand or collapse'],
  ['f', 'follow the newest step'],
  ['s', 'sources'],
  ['c', 'copy a link to the step'],
  ['.', 'focus Stop (Enter stops)'],
  ['t', 'waterfall'],
  ['/', 'search in the trace'],
  ['?', 'this help'],
  ['Esc', 'close'],
];

export function useTraceKeys(context) {
  const held = useRef(context);
  held.current = context;
  useEffect(() => {
    const dialog = context.root.current.closest('dialog');
    const onKey = (event) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        inField(event.target) ||
        event.target.closest('[popover]') ||
        !settings.peek().keys
      )
        return;
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action(held.current, dialog);
    };
    dialog.addEventListener('keydown', onKey);
    return () => dialog.removeEventListener('keydown', onKey);
  }, []);
}

function move({ metas, selected, show }, by, matches = () => true) {
  const start = metas.findIndex((meta) => meta.id === selected);
  for (let i = start < 0 && by < 0 ? metas.length - 1 : start + by; i >= 0 && i < metas.length; i += by)
    if (matches(metas[i])) return show(metas[i].id);
  return undefined;
}

const isTool = (meta) => ['tool_call', 'web_search', 'visit_page', 'workspace_search'].includes(meta.type);
const press = (dialog, selected, selector) =>
  dialog
    .querySelector(`[data-step="${CSS.escape(selected ?? '')}"]`)
    ?.closest('.step')
    ?.querySelector(selector)
    ?.click();

const actions = {
  j: (context) => move(context, 1),
  ArrowDown: (context) => move(context, 1),
  k: (context) => move(context, -1),
  ArrowUp: (context) => move(context, -1),
  n: (context) => move(context, 1, (meta) => context.isError(meta) || isTool(meta)),
  p: (context) => move(context, -1, (meta) => context.isError(meta) || isTool(meta)),
  o: ({ selected }, dialog) => press(dialog, selected, '.unfold button, .step-fold'),
  f: ({ follow }) => (follow.following ? follow.setFollowing(false) : follow.jump()),
  s: ({ selected }, dialog) => press(dialog, selected, '[data-sources]'),
  c: ({ selected }) =>
    copyText(absolute(urlWith(route.peek(), { highlight: selected ?? route.peek().query.highlight })), 'The link'),
  '.': (context, dialog) => dialog.querySelector('[data-stop]')?.focus(),
  t: () => settingsSet({ waterfall: !settings.peek().waterfall }),
  '/': ({ onSearch }) => onSearch(),
  '?': ({ onHelp }) => onHelp(),
};
