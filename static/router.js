// SPDX-License-Identifier: Apache-2.0
// The URL is the state: the path names the view, the query opens panels over it. Views read `route`; links are ordinary
// anchors.
import { signal } from './vendor/signals.js';

/** @type {[string, RegExp][]} */
const patterns = [
  ['login', /^\/login$/],
  ['login', /^\/login\/callback$/],
  ['home', /^\/$/],
  ['invite', /^\/invite\/()([^/]+)$/],
  ['stream', /^\/w\/([^/]+)\/s\/([^/]+)$/],
  ['trace', /^\/w\/([^/]+)\/trace\/([^/]+)(?:\/([^/]+))?$/],
  ['compare', /^\/w\/([^/]+)\/compare\/([^/]+)\/([^/]+)$/],
  ['sessions', /^\/w\/([^/]+)\/sessions$/],
  ['statistics', /^\/w\/([^/]+)\/statistics$/],
  ['admin', /^\/w\/([^/]+)\/admin(?:\/([^/]+))?$/],
  ['connect', /^\/w\/([^/]+)\/connect$/],
  ['search', /^\/w\/([^/]+)\/search$/],
  ['workspace', /^\/w\/([^/]+)\/?$/],
];

/** @param {string} path @param {string} [search] @returns {Route} */
export function routeOf(path, search = '') {
  const query = Object.fromEntries(new URLSearchParams(search));
  for (const [name, pattern] of patterns) {
    const found = pattern.exec(path);
    if (found) return { name, ws: found[1], id: found[2], step: found[3], path, query };
  }
  return { name: 'unknown', path, query };
}

// The current URL with some query fields changed. Null removes a field.
/** @param {Route} route @param {Record<string, string | null | undefined>} changes */
export function urlWith(route, changes) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...route.query, ...changes }))
    if (value !== null && value !== undefined && value !== '') query.set(key, value);
  const text = query.toString().replaceAll('%3A', ':');
  return text ? `${route.path}?${text}` : route.path;
}

// Signing in may lead back only to a path of this page. What an address means is left to those who read addresses: they
// drop tabs and line breaks, take `\` for `/`, and resolve dots.
/** @param {string} [next] */
export function safeNext(next = '/') {
  const base = 'https://page.invalid';
  try {
    const { origin, pathname } = new URL(next, base);
    const isOurs = next.startsWith('/') && origin === base && !pathname.startsWith('//');
    return isOurs && !pathname.startsWith('/login') ? next : '/';
  } catch {
    return '/';
  }
}

const here = () => routeOf(location.pathname, location.search);
const documentId = Math.random().toString(36).slice(2);

export const route = signal(typeof location === 'undefined' ? routeOf('/') : here());

// Whether this document is on its way back, and has not arrived.
let isLeaving = false;

/** @param {string} url @param {{ replace?: boolean }} [options] */
export function navigate(url, { replace = false } = {}) {
  // What stands behind the # is not of the address that is shown already: a line there stays.
  if (url.split('#')[0] === location.pathname + location.search) return;
  isLeaving = false;
  const pushedBy = replace ? history.state?.pushedBy : documentId;
  history[replace ? 'replaceState' : 'pushState']({ pushedBy }, '', url);
  route.value = here();
}

// Closing a panel goes back if this document opened it, so that "back" never reopens what was closed. Otherwise it
// replaces the entry. On a busy page a panel may be closed twice before it is gone, and once is enough.
/** @param {string} url */
export function closeTo(url) {
  if (isLeaving || url === location.pathname + location.search) return;
  isLeaving = history.state?.pushedBy === documentId;
  if (isLeaving) history.back();
  else navigate(url, { replace: true });
}

// The views that are for whoever is not signed in.
export const isOutside = (/** @type {Route} */ { name }) => name === 'login' || name === 'invite';

export function openLogin() {
  if (isOutside(route.peek())) return;
  const { pathname, search, hash } = location;
  navigate(`/login?next=${encodeURIComponent(pathname + search + hash)}`, { replace: true });
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  /** @type {HTMLAnchorElement | null} */
  const link = /** @type {any} */ (event.target).closest?.('a[href]');
  if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash, { replace: link.dataset.replace !== undefined });
}

export function routerStart() {
  addEventListener('popstate', () => {
    isLeaving = false;
    route.value = here();
  });
  document.addEventListener('click', onClick);
}
