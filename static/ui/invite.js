// SPDX-License-Identifier: Apache-2.0
// Where the link of an invitation leads: what it is to, and a name and a password for a new account, or the way in for
// whoever has one; by the identity provider, where there is one, the invited address is enough. The link's secret stands
// in the fragment, which no server sees, and leaves the address at once.
import { html, useEffect, useElement, useState } from '../html.js';
import { apiGet, apiPost } from '../api.js';
import { route } from '../router.js';
import { continueWithProvider } from './sign-in.js';

const leastPassword = 8;

/** @typedef {import('./sign-in.js').Methods} Methods */
/** @typedef {{ id: string, email: string, role: string, hasAccount: boolean, workspace: { id: string, name: string } }} Invite */

/** @param {ApiError} error */
const sentenceOf = (error) =>
  error.status === 404
    ? 'This link is good for nothing any more: it was used, withdrawn, or its week is over. Ask for another one.'
    : error.status === 401
      ? 'The password is wrong.'
      : `${error.message}.`;

/** @param {string} id */
function useInvite(id) {
  const [secret] = useState(() => location.hash.slice(1));
  const [invite, setInvite] = useState(/** @type {Invite | null} */ (null));
  const [error, setError] = useState('');
  const [isSignedIn, setSignedIn] = useState(false);
  const [methods, setMethods] = useState(/** @type {Methods} */ ({ password: true }));
  useEffect(() => void apiGet('/auth/methods').then(setMethods, () => {}), []);
  useEffect(() => {
    history.replaceState(history.state, '', location.pathname);
    apiPost(`/invites/${id}`, { secret: secret || '-' }).then(
      (answer) => setInvite(answer.invite),
      (failure) => setError(sentenceOf(failure)),
    );
  }, [id]);
  useEffect(() => {
    if (invite?.hasAccount)
      apiGet('/auth/me').then(
        ({ user }) => setSignedIn(user?.email?.toLowerCase() === invite.email.toLowerCase()),
        () => {}, // nobody is signed in
      );
  }, [invite]);
  return { secret, invite, error, setError, isSignedIn, methods };
}

export function InviteView() {
  const id = route.value.id ?? '';
  const { secret, invite, error, setError, isSignedIn, methods } = useInvite(id);
  const [busy, setBusy] = useState(false);
  /** @type {{ current: any }} */
  const form = useElement();

  /** @param {any} event */
  async function accept(event) {
    event.preventDefault();
    if (!invite) return;
    const { name, password } = Object.fromEntries(new FormData(form.current));
    setBusy(true);
    setError('');
    try {
      if (invite.hasAccount && !isSignedIn) await apiPost('/auth/login', { email: invite.email, password });
      await apiPost(`/invites/${id}/accept`, invite.hasAccount ? { secret } : { secret, name, password });
      location.assign(`/w/${invite.workspace.id}`);
    } catch (failure) {
      setError(sentenceOf(failure));
      setBusy(false);
    }
  }

  async function leave() {
    setBusy(true);
    setError('');
    try {
      await continueWithProvider(invite?.hasAccount ? `/invite/${id}#${secret}` : '/');
    } catch (failure) {
      setError(sentenceOf(failure));
      setBusy(false);
    }
  }

  const { provider } = isSignedIn ? { provider: undefined } : methods;
  const password = methods.password || isSignedIn;
  return html`<main class="sign-in"><form class="sign-in-card" ref=${form} onSubmit=${accept} aria-labelledby="invite-title">
    <span class="brand brand-large" aria-hidden="true"></span>
    <h1 id="invite-title">${invite ? html`Join <bdi>${invite.workspace.name}</bdi>` : 'An invitation'}</h1>
    ${
      invite &&
      html`<p class="faint">${
        invite.hasAccount ? 'With the account of' : 'A new account for'
      } <bdi>${invite.email}</bdi>${invite.role === 'admin' ? ', as an admin' : ''}</p>
      <input type="hidden" autocomplete="username" value=${invite.email} />
      ${
        password &&
        !invite.hasAccount &&
        html`<label class="field"><span>Your name</span><input type="text" name="name" autocomplete="name" required
        maxlength="200" autofocus /></label>`
      }
      ${
        password &&
        !isSignedIn &&
        html`<label class="field"><span>${invite.hasAccount ? 'Your password' : 'A password, of eight letters at least'}</span><input
        type="password" name="password" required minlength=${leastPassword}
        autocomplete=${invite.hasAccount ? 'current-password' : 'new-password'} /></label>`
      }`
    }
    <p class="form-error" role="alert">${error}</p>
    ${
      invite
        ? html`${
            password &&
            html`<button type="submit" class="button button-primary button-wide" disabled=${busy}>${busy ? 'Coming in…' : 'Come in'}</button>`
          }
          ${password && provider && html`<p class="sign-in-or faint" aria-hidden="true">or</p>`}
          ${
            provider &&
            html`<button type="button" class=${`button button-wide ${password ? '' : 'button-primary'}`} disabled=${busy}
            onClick=${leave}>Continue with ${provider.label}</button>`
          }`
        : html`<p><a class="button button-wide" href="/">To Agent Trace</a></p>`
    }
  </form></main>`;
}
