// SPDX-License-Identifier: Apache-2.0
// Requests as clients send them, in few words: for the rows beside this file.

export const TRACE = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
// Five seconds ago, when the run of each row begins.
const BEGAN = Date.now() - 5000;
export const ms = (after = 0) => BEGAN + after;
export const ns = (after = 0) => `${ms(after)}000000`;
export const iso = (after = 0) => new Date(ms(after)).toISOString();
export const seconds = (after = 0) => ms(after) / 1000;

function anyValue(value) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Number.isInteger(value)) return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: attributes(value) } };
}
export const attributes = (object) => Object.entries(object).map(([key, value]) => ({ key, value: anyValue(value) }));

// `id`: hexadecimal, its zeros in front left out.
export const spanId = (id) => id.padStart(16, '0');

export function span(id, parent, name, values = {}, more = {}) {
  return {
    traceId: TRACE,
    spanId: spanId(id),
    ...(parent && { parentSpanId: spanId(parent) }),
    name,
    startTimeUnixNano: ns(),
    endTimeUnixNano: ns(1000),
    attributes: attributes(values),
    ...more,
  };
}
export const event = (name, values) => ({ name, timeUnixNano: ns(500), attributes: attributes(values) });
export const failed = (message) => ({ status: { code: 2, ...(message && { message }) } });

const scopeOf = ({ scope = 'app', scopeVersion, scopeValues }) => ({
  name: scope,
  ...(scopeVersion && { version: scopeVersion }),
  ...(scopeValues && { attributes: attributes(scopeValues) }),
});

export const json = (path, body, headers = {}) => ({
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});

// One request of OTLP: spans of one scope each, `[options, ...spans]`.
export const otlpOf = (...groups) =>
  json('/ingest/otlp/v1/traces', {
    resourceSpans: groups.map(([options, ...spans]) => ({
      resource: { attributes: attributes(options.resource ?? {}) },
      scopeSpans: [{ scope: scopeOf(options), spans }],
    })),
  });
export const otlp = (...spans) => otlpOf([{}, ...spans]);

export const logs = (...records) =>
  json('/ingest/otlp/v1/logs', {
    resourceLogs: [{ scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events' }, logRecords: records }] }],
  });

// LangSmith's ids.
export const uuid = (n) => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const stamp = (after) => `${iso(after).replaceAll(/[-:.]/g, '').replace('Z', '')}000Z`;
// `line`: numbers of the ancestors and of the run itself.
export const dotted = (...line) => line.map((n) => `${stamp(n)}${uuid(n)}`).join('.');

export function run(line, name, type, more = {}) {
  const n = line.at(-1);
  return {
    id: uuid(n),
    trace_id: uuid(line[0]),
    dotted_order: dotted(...line),
    ...(line.length > 1 && { parent_run_id: uuid(line.at(-2)) }),
    name,
    run_type: type,
    start_time: iso(n),
    ...more,
  };
}

export const BOUNDARY = '----formdata-undici-0123';
export const part = (name, value, headers = '') =>
  `Content-Disposition: form-data; name="${name}"\r\nContent-Type: application/json${headers}\r\n\r\n${
    typeof value === 'string' ? value : JSON.stringify(value)
  }`;
export function multipart(parts, { boundary = BOUNDARY, type, before = '', padding = '', after = '' } = {}) {
  const body = parts.map((text) => `--${boundary}${padding}\r\n${text}\r\n`).join('');
  return {
    path: '/ingest/langsmith/runs/multipart',
    headers: { 'content-type': type ?? `multipart/form-data; boundary=${boundary}` },
    body: `${before}${body}--${boundary}--\r\n${after}`,
  };
}
export const batch = (body) => json('/ingest/langsmith/runs/batch', body);
export const postRun = (body) => json('/ingest/langsmith/runs', body);
export const patchRun = (n, body) => ({ ...json(`/ingest/langsmith/runs/${uuid(n)}`, body), method: 'PATCH' });
export const langfuse = (...events) =>
  json('/ingest/langfuse/api/public/ingestion', {
    batch: events.map(([type, body], i) => ({ id: `e${i}`, timestamp: iso(), type, body })),
  });
export const agents = (...data) => json('/ingest/openai-agents/v1/traces/ingest', { data });
