// SPDX-License-Identifier: Apache-2.0
// The sign-in form: with a password, by an identity provider, or both. The provider sends the browser to /login/callback,
// which is this form again, with what it has to hand over in its query.
import { html, useEffect, useElement, useState } from '../html.js';
import { apiGet, apiPost } from '../api.js';
import { navigate, route, safeNext } from '../router.js';
import { workspace } from '../store.js';

/** @typedef {{ password: boolean, provider?: { label: string } }} Methods */

/** @type {Record<string, string>} */
const sentences = {
  unauthenticated: 'E-mail or password is wrong.',
  throttled: 'Too many attempts. Please wait some minutes.',
  access_denied: 'The sign-in was cancelled.',
};
// Where to go after a sign-in that leaves this page for a while.
const nextKey = 'trace-login-next';

// Goes to the identity provider, and afterwards to `next`.
/** @param {string} next */
export async function continueWithProvider(next) {
  const { location: address } = await apiPost('/auth/provider/begin');
  sessionStorage.setItem(nextKey, next);
  location.assign(address);
}

/** @param {any} failure */
function textOf(failure) {
  if (failure.status === 429) return sentences.throttled;
  return sentences[failure.code] ?? `${failure.message.replace(/\.$/, '')}.`;
}

const isCallback = () => route.peek().path === '/login/callback';

/** @returns {string} */
function nextPath() {
  const kept = isCallback() ? sessionStorage.getItem(nextKey) : route.peek().query.next;
  return safeNext(kept ?? undefined);
}

/** @param {{ onSignedIn: () => Promise<void> }} props */
export function SignIn({ onSignedIn }) {
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const [busy, setBusy] = useState(isCallback());
  const [methods, setMethods] = useState(/** @type {Methods} */ ({ password: true }));
  /** @type {{ current: any }} */
  const form = useElement();

  async function enter() {
    const next = nextPath();
    sessionStorage.removeItem(nextKey);
    // Reloading forgets what this document showed to the person who was signed in before.
    if (workspace.peek()) return location.replace(next);
    await onSignedIn();
    navigate(next, { replace: true });
    return undefined;
  }

  // Does what signs in, and tells what is in the way.
  /** @param {() => Promise<any>} way */
  async function attempt(way) {
    setBusy(true);
    setError(null);
    try {
      await way();
    } catch (failure) {
      setError(textOf(failure));
      form.current?.password?.focus();
    } finally {
      setBusy(false);
    }
  }

  /** @param {any} event */
  function submit(event) {
    event.preventDefault();
    const { email, password } = form.current;
    void attempt(async () => {
      await apiPost('/auth/login', { email: email.value, password: password.value });
      await enter();
    });
  }

  const leave = () => attempt(() => continueWithProvider(nextPath()));

  // What the address brought is used once, and does not stay in the history.
  async function comeBack() {
    const { code, state, error: refused } = route.peek().query;
    history.replaceState(history.state, '', '/login/callback');
    await attempt(async () => {
      if (!code || !state) throw Object.assign(new Error('The sign-in service sent no answer'), { code: refused });
      await apiPost('/auth/provider/complete', { code, state });
      await enter();
    });
  }

  useEffect(() => {
    apiGet('/auth/methods').then(setMethods, () => {});
    if (isCallback()) void comeBack();
  }, []);

  const { password, provider } = methods;
  return html`<main class="sign-in"><form class="sign-in-card" ref=${form} onSubmit=${submit}
    aria-labelledby="sign-in-title">
    <span class="brand brand-large" aria-hidden="true"></span>
    <h1 id="sign-in-title">Agent Trace</h1><p class="faint">See what your agents do, while they do it.</p>
    ${
      password &&
      html`<label class="field"><span>E-mail</span><input type="email" name="email"
      autocomplete="username" required autofocus /></label>
    <label class="field"><span>Password</span><input type="password" name="password"
      autocomplete="current-password" required /></label>`
    }
    <p class="form-error" role="alert">${error}</p>
    ${
      password &&
      html`<button type="submit" class="button button-primary button-wide" disabled=${busy}>
      ${busy ? 'Signing in…' : 'Sign in'}</button>`
    }
    ${password && provider && html`<p class="sign-in-or faint" aria-hidden="true">or</p>`}
    ${
      provider &&
      html`<button type="button" class=${`button button-wide ${password ? '' : 'button-primary'}`} disabled=${busy}
      onClick=${leave}>${busy && !password ? 'Signing in…' : `Continue with ${provider.label}`}</button>`
    }
  </form></main>`;
}
