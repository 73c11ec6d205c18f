// Signing in.
import { html, useRef, useState } from '../html.js';
import { apiPost } from '../api.js';
import { navigate, route, safeNext } from '../router.js';
import { workspace } from '../store.js';

const sentences = {
  unauthenticated: 'E-mail or password is wrong.',
  throttled: 'Too many attempts. Please wait some minutes.',
};

export function SignIn({ onSignedIn }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await apiPost('/auth/login', { email: form.current.email.value, password: form.current.password.value });
      const next = safeNext(route.peek().query.next);
      // What this document showed to whoever was signed in before is forgotten with it.
      if (workspace.peek()) return location.replace(next);
      await onSignedIn();
      navigate(next, { replace: true });
    } catch (failure) {
      setError(failure.status === 429 ? sentences.throttled : (sentences[failure.code] ?? `${failure.message}.`));
      form.current?.password.focus();
    } finally {
      setBusy(false);
    }
    return undefined;
  }

  return html`<main class="sign-in"><form class="sign-in-card" ref=${form} onSubmit=${submit}
    aria-labelledby="sign-in-title">
    <span class="brand brand-large" aria-hidden="true"></span>
    <h1 id="sign-in-title">Agent Trace</h1><p class="faint">See what your agents do, while they do it.</p>
    <label class="field"><span>E-mail</span><input type="email" name="email"
      autocomplete="username" required autofocus /></label>
    <label class="field"><span>Password</span><input type="password" name="password"
      autocomplete="current-password" required /></label>
    <p class="form-error" role="alert">${error}</p>
    <button type="submit" class="button button-primary button-wide" disabled=${busy}>
      ${busy ? 'Signing in…' : 'Sign in'}</button>
  </form></main>`;
}
