// The URL is the state: path → view, query → panels over it. Views are read from `route`, links are ordinary anchors.
import { signal } from './vendor/signals.js';

const patterns = [
  ['login', /^\/login$/],
  ['home', /^\/$/],
  ['stream', /^\/w\/([^/]+)\/s\/([^/]+)$/],
  ['sessions', /^\/w\/([^/]+)\/sessions$/],
  ['search', /^\/w\/([^/]+)\/search$/],
  ['workspace', /^\/w\/([^/]+)\/?$/],
];

export function routeOf(path, search = '') {
  const query = Object.fromEntries(new URLSearchParams(search));
  for (const [name, pattern] of patterns) {
    const found = pattern.exec(path);
    if (found) return { name, ws: found[1], id: found[2], path, query };
  }
  return { name: 'unknown', path, query };
}

// The current URL with some query fields changed; null removes one.
export function urlWith(route, changes) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...route.query, ...changes }))
    if (value !== null && value !== undefined && value !== '') query.set(key, value);
  const text = query.toString().replaceAll('%3A', ':');
  return text ? `${route.path}?${text}` : route.path;
}

// Only a path of our own may be returned to after signing in.
export function safeNext(next) {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}

const here = () => routeOf(location.pathname, location.search);
const documentId = Math.random().toString(36).slice(2);

export const route = signal(typeof location === 'undefined' ? routeOf('/') : here());

export function navigate(url, { replace = false } = {}) {
  if (url === location.pathname + location.search) return;
  const pushedBy = replace ? history.state?.pushedBy : documentId;
  history[replace ? 'replaceState' : 'pushState']({ pushedBy }, '', url);
  route.value = here();
}

// Closing a panel goes back if this document opened it, so that "back" never reopens what was closed; else it replaces.
export function closeTo(url) {
  if (history.state?.pushedBy === documentId) history.back();
  else navigate(url, { replace: true });
}

export function openLogin() {
  if (route.peek().name === 'login') return;
  navigate(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
}

function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = event.target.closest?.('a[href]');
  if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  navigate(link.pathname + link.search, { replace: link.dataset.replace !== undefined });
}

export function routerStart() {
  addEventListener('popstate', () => {
    route.value = here();
  });
  document.addEventListener('click', onClick);
}
