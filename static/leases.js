// Who holds which of a few places among the windows of this origin, where the browser has no locks between windows (a
// page over plain http from another machine). Windows tell each other by a channel: one that wants a place asks, claims
// a free one, and holds it if nobody objects; a holder renews, and one that falls silent has left. Whoever holds longer
// keeps a place that two believe to be theirs: the other one loses it.

const channelName = 'agent-trace:leases';
const times = { listen: 40, settle: 60, renew: 1500, forget: 4000 };

const newId = () => crypto.getRandomValues(new Uint32Array(2)).join('-');
const isBefore = (a, b) => a.since < b.since || (a.since === b.since && a.id < b.id);

// Calls `onTaken` when a place is held, which may be never, and `onLost` if it must be left again. The function that is
// returned gives it back, or stops waiting for one.
export function leaseTake(places, onTaken, onLost, { listen, settle, renew, forget } = times) {
  const channel = new BroadcastChannel(channelName);
  const mine = { id: newId(), since: 0, place: null };
  const others = new Map();
  let state = 'asking';
  let timer = null;

  const say = (type) => channel.postMessage({ type, ...mine });

  function wait(run, ms) {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  }

  function leave() {
    clearTimeout(timer);
    if (mine.place !== null) say('free');
    state = 'over';
    channel.close();
  }

  function hold() {
    say('hold');
    wait(hold, renew);
    if (state === 'holding') return;
    state = 'holding';
    onTaken();
  }

  // A free place, any of them, so that those who wait do not all claim the same one.
  function look() {
    const now = performance.now();
    for (const [place, other] of others) if (now - other.at > forget) others.delete(place);
    const free = Array.from({ length: places }, (_, place) => place).filter((place) => !others.has(place));
    if (free.length === 0) {
      mine.place = null;
      state = 'waiting';
      return wait(look, renew);
    }
    mine.place = free[Math.floor(Math.random() * free.length)];
    mine.since = Date.now();
    state = 'claiming';
    say('claim');
    return wait(hold, settle);
  }

  // Two at one place: who holds stays, of two equals whoever came first.
  function stays(other) {
    return (state === 'holding') === (other.type === 'hold') ? isBefore(mine, other) : state === 'holding';
  }

  function lose() {
    mine.place = null;
    if (state === 'claiming') return look();
    leave();
    return onLost();
  }

  function heard(other) {
    const isOurs = mine.place !== null && (other.type === 'ask' || (other.place === mine.place && stays(other)));
    if (isOurs) return say(state === 'holding' ? 'hold' : 'claim');
    if (other.type === 'ask') return undefined;
    if (other.type !== 'free') {
      others.set(other.place, { id: other.id, at: performance.now() });
      return other.place === mine.place ? lose() : undefined;
    }
    if (others.get(other.place)?.id === other.id) others.delete(other.place);
    return state === 'waiting' ? look() : undefined;
  }

  channel.onmessage = ({ data }) => state !== 'over' && heard(data);
  say('ask');
  wait(look, listen);
  return () => state !== 'over' && leave();
}
