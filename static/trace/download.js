// The whole trace as one JSON file, fetched page by page: what is on the screen may be a part.
import { apiGet } from '../api.js';
import { complain } from '../ui/announce.js';
import { workspace } from '../store.js';

async function wholeTrace(id) {
  const path = `/workspaces/${workspace.peek().id}/agent-sessions/${id}`;
  const whole = await apiGet(`${path}?limit=500`);
  const steps = [...whole.steps];
  let after = whole.nextAfter;
  while (after) {
    const page = await apiGet(`${path}?limit=500&after=${encodeURIComponent(after)}`);
    steps.push(...page.steps);
    after = page.nextAfter;
  }
  return { session: whole.session, steps };
}

export async function downloadTrace(session) {
  try {
    const text = JSON.stringify(await wholeTrace(session.id), null, 2);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${session.id}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  } catch (error) {
    complain(`The trace could not be downloaded: ${error.message}`);
  }
}
