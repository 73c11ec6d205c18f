// SPDX-License-Identifier: Apache-2.0
// What the server's answer to a request does to its session's lane: which writes are finished and how, when the next
// attempt is due, and whether the session has ended.
import { problemOf } from './http.js';
import { BROKEN_ATTEMPTS, judge, retryDelay } from './retry.js';

// Keeps the time of the lane's next attempt, and the emitter's view of the server.
function reached(lane, reply, verdict, now) {
  if (verdict === 'away' || verdict === 'broken') {
    lane.failures++;
    lane.retryAt = now + retryDelay(lane.config.retryMs, lane.failures, reply.retryAfterMs);
  } else {
    lane.failures = 0;
    lane.retryAt = 0;
  }
  lane.emitter.noteReached(verdict !== 'away', reply);
}

// The status that an answer gives a session of which nothing more can be recorded, or undefined.
function finalStatus(problem, kind) {
  if (problem.code === 'session_ended') return problem.sessionStatus ?? 'ended';
  if (problem.status === 401) return 'refused';
  if (kind === 'heartbeat' && (problem.status === 403 || problem.status === 404)) return 'refused';
  return undefined;
}

function sayRefused(lane, what, { status, code, detail }) {
  lane.queue.log('error', `${lane.id}: ${what} refused: ${status} ${code} ${detail}`);
}

function accepted(lane, reply, now) {
  lane.queue.stats.acknowledged++;
  lane.heartbeatAt = now + lane.config.heartbeatMs;
  const op = lane.ops[0];
  if (op.kind === 'create' || op.kind === 'claim' || op.kind === 'adopt') lane.begun = true;
  op.accepted?.(reply.body ?? {});
  if (op.kind === 'end') {
    lane.told = true;
    lane.noteEnded('');
  }
  lane.finish('ok');
}

// The server may have ended the session for its silence, and lets it run again for a step that is put, or for a heartbeat.
// Whether the write is to be tried again that way.
function mayTryAgain(lane, op, problem, isPut) {
  if (problem.code !== 'session_ended' || problem.sessionStatus !== 'failed') return false;
  if (op.stepId !== undefined && !isPut) return (lane.putting = true);
  if (op.kind !== 'end' || op.revived) return false;
  return (op.revived = lane.reviving = true);
}

// What was put does not say whether the session runs: a heartbeat asks, as soon as nothing waits any more.
function settle(lane, now) {
  if (!lane.putting || lane.ops.length) return;
  lane.putting = false;
  lane.heartbeatAt = Math.min(lane.heartbeatAt, now);
}

function refused(lane, request, reply) {
  const op = lane.ops[0];
  const problem = problemOf(reply);
  const isPut = request.method === 'PUT';
  const ended = problem.code === 'session_ended';
  const whole = op.kind === 'create' || op.kind === 'claim';
  lane.error = problem;
  if (mayTryAgain(lane, op, problem, isPut)) return;
  // A claim is waited for: its caller is told, and losing one to another worker is no trouble.
  if (!ended && op.kind !== 'claim') {
    lane.queue.stats.refused++;
    sayRefused(lane, op.what, problem);
  }
  if (ended && op.kind !== 'end') lane.queue.stats.droppedEnded++;
  // A caller that still waits learns it from the result.
  if (whole) lane.told = lane.awaited;
  if (ended && op.kind !== 'end') lane.queue.log('error', `${lane.id}: ${op.what} was dropped: the session has ended`);
  // The session stays ended for this step, but takes others that wait: those that began before it ended.
  if (ended && isPut && op.kind !== 'complete') lane.takesNone = true;
  op.dropped?.();
  lane.finish(ended ? 'ended' : 'refused');
  const status = finalStatus(problem, 'write');
  if (ended && isPut) lane.noteEnded(status);
  else if (status || whole) lane.end(status ?? 'refused');
}

const table = {
  write(lane, request, reply, verdict, now) {
    if (verdict === 'away') lane.putting = true;
    if (verdict === 'away' || (verdict === 'broken' && ++lane.ops[0].broken < BROKEN_ATTEMPTS)) return;
    if (lane.singly) lane.singly--;
    if (verdict === 'done') accepted(lane, reply, now);
    else refused(lane, request, reply);
    settle(lane, now);
  },

  // A batch is all or nothing, so a refused one is sent again line by line: only the faulty line is lost.
  batch(lane, request, reply, verdict, now) {
    if (verdict === 'away') lane.putting = true;
    if (verdict === 'away') return;
    if (verdict !== 'done') lane.singly = request.lines;
    for (let left = request.lines; verdict === 'done' && left > 0; left--) accepted(lane, reply, now);
    settle(lane, now);
  },

  heartbeat(lane, request, reply, verdict, now) {
    if (verdict === 'away') return;
    // An ending that waited for this answer learns by itself what the session is.
    const wasReviving = lane.reviving;
    lane.reviving = false;
    lane.heartbeatAt = now + lane.config.heartbeatMs;
    if (verdict === 'done') {
      lane.queue.stats.heartbeats++;
      return;
    }
    lane.error = problemOf(reply);
    if (wasReviving) return;
    const status = finalStatus(lane.error, 'heartbeat');
    if (lane.error.code !== 'session_ended') sayRefused(lane, 'heartbeat', lane.error);
    if (status && lane.error.code === 'session_ended') lane.hearEnded(status);
    else if (status) lane.end(status);
  },

  progress(lane, { step, body }, reply, verdict, now) {
    const { stats } = lane.queue;
    step.textProgress.sent(verdict === 'done');
    if (verdict === 'done') {
      stats.progressSent++;
      if (body.includes('"checkpoint":true')) lane.heartbeatAt = now + lane.config.heartbeatMs;
      return;
    }
    stats.progressFailed++;
    if (verdict !== 'refused' || !lane.steps.delete(step)) return;
    lane.error = problemOf(reply);
    sayRefused(lane, 'progress', lane.error);
    // Perhaps the session has ended: a heartbeat tells.
    lane.heartbeatAt = now;
  },
};

export function takeAnswer(lane, request, reply, now) {
  const verdict = judge(reply.status);
  // That a heartbeat passed between two attempts at a write says nothing of the write, which is the next.
  if (request.kind !== 'heartbeat' || !lane.hasBeaten || verdict !== 'done') reached(lane, reply, verdict, now);
  // What was sent may have been dropped meanwhile, if the session was found to have ended.
  if ((request.kind === 'write' || request.kind === 'batch') && !lane.ops.length) return;
  table[request.kind](lane, request, reply, verdict, now);
}
