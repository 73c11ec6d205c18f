// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml as something to be held against running programs: it makes the calls that are described there, and
// takes no answer whose status, type, fields or values are not. At the end it tells what was described and never seen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv2020 from '../lint/tools/node_modules/ajv/dist/2020.js';
import { parse } from '../lint/tools/node_modules/yaml/dist/index.js';
import { newId } from '../lib/ids.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const EXAMPLE_ID = /\b(ws|usr|per|tok|inv|str|msg|ses|stp|shr|rat|whk)_01K0A[0-9A-Z]{21}\b/g;
// What differs from run to run: times, and what is computed from them.
const VOLATILE = /(At|Ms)$/;
// A number above this is a time in milliseconds.
const EPOCH_MS = 1e12;

const document = parse(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'));
export const cookieName = document.components.securitySchemes.person.name;

// Clients ignore members that they do not know; here an undescribed member is an error.
function close(schema) {
  if (schema === null || typeof schema !== 'object') return;
  if (schema.type === 'object' && schema.properties) schema.additionalProperties ??= false;
  for (const part of Object.values(schema)) close(part);
}
close(document.components.schemas);
close(document.components.responses);
close(document.paths);

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(document, 'openapi');

function follow(value) {
  if (!value?.$ref) return value;
  return value.$ref
    .slice(2)
    .split('/')
    .reduce((at, name) => at[name], document);
}

export const isFor = (operation, scheme) =>
  (operation.security ?? [{ person: [] }, { program: [] }]).some((one) => scheme in one);

const escape = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');

export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({
    ...item[method],
    method: method.toUpperCase(),
    path,
    pointer: `openapi#/paths/${encodeURIComponent(escape(path))}/${method}`,
    parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(follow),
  })),
);
const byId = new Map(operations.map((operation) => [operation.operationId, operation]));

// The codes that the schema of a problem allows, if it names them.
export function codesOf(operation, status) {
  const response = follow(operation.responses[status]);
  const schema = response?.content?.['application/problem+json']?.schema;
  const code = schema?.allOf?.[1]?.properties.code;
  return code ? (code.enum ?? [code.const]) : [];
}

// The parameters of a query without which the operation is not taken.
export const requiredQuery = (operation) =>
  Object.fromEntries(
    operation.parameters
      .filter(({ required, in: place }) => required && place === 'query')
      .map(({ name }) => [name, name === 'room' ? 'user:me' : 'x']),
  );

// A body that cannot be taken, where one is.
export const bodyOf = (operation) =>
  operation.requestBody && !['writeBatch'].includes(operation.operationId) ? {} : undefined;

function exampleOf(media, name) {
  if (!media) return undefined;
  return media.examples ? media.examples[name]?.value : media.example;
}

export class Contract {
  #seen = new Set();
  #ids = new Map();
  #validators = new Map();

  // What stands for an id of the examples; one that a client may choose is made when it is first needed.
  id(example) {
    if (!this.#ids.has(example)) this.#ids.set(example, newId(example.split('_')[0]));
    return this.#ids.get(example);
  }

  know(example, actual) {
    assert.ok(!this.#ids.has(example) || this.#ids.get(example) === actual, `${example} stands for two things`);
    this.#ids.set(example, actual);
  }

  fill(value) {
    return JSON.parse(JSON.stringify(value).replace(EXAMPLE_ID, (id) => this.id(id)));
  }

  // The body of a request's example.
  example(operationId, name) {
    const [media] = Object.values(follow(byId.get(operationId).requestBody).content);
    return this.fill(exampleOf(media, name));
  }

  // Makes the call. `params` and `query` may hold ids of examples. `body`: in place of the request's example `name`.
  async call(
    client,
    operationId,
    { params = {}, query = {}, body, name, headers = {}, status = 200, compare = true } = {},
  ) {
    const operation = byId.get(operationId);
    const path = operation.path.replace(/\{(\w+)\}/g, (_, key) => this.fill(params[key] ?? 'missing'));
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
      for (const one of [value].flat()) search.append(key, this.fill(String(one)));
    for (const key of [...Object.keys(query), ...Object.keys(headers).filter((header) => header !== 'origin')])
      assert.ok(
        operation.parameters.some((parameter) => parameter.name === key),
        `${operationId} describes no ${key}`,
      );
    const request = follow(operation.requestBody);
    const sent = body === undefined && request && status < 300 ? this.example(operationId, name) : body;
    const reply = await client.request(
      operation.method,
      path + (search.size ? `?${search}` : ''),
      sent === undefined || typeof sent === 'string' ? sent : this.fill(sent),
      headers,
    );
    const what = `${operationId} ${JSON.stringify({ params, query, sent })}`;
    assert.equal(reply.status, status, `${what}: ${reply.status} ${reply.text.slice(0, 500)}`);
    this.check(operation, reply, { name, what, compare: compare && body === undefined });
    if (status < 400)
      for (const key of [...Object.keys(query), ...Object.keys(headers)]) this.#seen.add(`${operationId} ?${key}`);
    return reply;
  }

  // Reads the beginning of a stream, up to what matches `enough`: it has no end to wait for.
  async open(client, operationId, path, { method = 'GET', headers = {}, body, enough }) {
    const end = new AbortController();
    const response = await fetch(client.url(path), {
      method,
      headers: { ...client.credentials(), ...headers },
      body: body && JSON.stringify(body),
      signal: end.signal,
    });
    let text = '';
    if (response.status !== 200) {
      text = await response.text();
    } else {
      const decoder = new TextDecoder();
      for await (const piece of response.body) {
        text += decoder.decode(piece, { stream: true });
        if (enough.test(text)) break;
      }
    }
    end.abort();
    const type = (response.headers.get('content-type') ?? '').split(';')[0];
    this.check(byId.get(operationId), { status: response.status, type, text }, { what: operationId });
    return { status: response.status, text, headers: response.headers };
  }

  // An answer against its description.
  check(operation, reply, { name, what, compare = false }) {
    const response = follow(operation.responses[reply.status]);
    assert.ok(response, `${what}: status ${reply.status} is not described`);
    this.#seen.add(`${operation.operationId} ${reply.status}`);
    if (!response.content) return assert.equal(reply.text, '', `${what}: a body that is not described`);
    const media = response.content[reply.type];
    assert.ok(media, `${what}: type ${reply.type} is not described`);
    if (!reply.type.endsWith('json')) return undefined;
    this.#validate(operation, reply, what);
    if (reply.type === 'application/problem+json')
      this.#seen.add(`${operation.operationId} ${reply.status} ${reply.code}`);
    const example = compare ? exampleOf(media, name) : undefined;
    if (example !== undefined) this.#same(example, reply.body, what);
    return undefined;
  }

  #validate(operation, reply, what) {
    const response = operation.responses[reply.status];
    const base = response.$ref ? `openapi${response.$ref}` : `${operation.pointer}/responses/${reply.status}`;
    const ref = `${base}/content/${encodeURIComponent(escape(reply.type))}/schema`;
    if (!this.#validators.has(ref)) this.#validators.set(ref, ajv.compile({ $ref: ref }));
    const validate = this.#validators.get(ref);
    assert.ok(
      validate(reply.body),
      `${what}: ${ajv.errorsText(validate.errors)} ${JSON.stringify(validate.errors?.map((error) => error.params))}\n${reply.text}`,
    );
  }

  // The example is what the programs answer: the same members and values, ids and times aside.
  #same(example, actual, what, key = '') {
    const at = `${what}: ${key}`;
    if (typeof example === 'string' && example.match(EXAMPLE_ID)?.[0] === example) {
      assert.match(String(actual), new RegExp(`^${example.split('_')[0]}_`), at);
      this.know(example, actual);
    } else if (Array.isArray(example)) {
      assert.equal(actual.length, example.length, `${at}: ${JSON.stringify(actual)}`);
      example.forEach((part, i) => this.#same(part, actual[i], what, `${key}[${i}]`));
    } else if (example !== null && typeof example === 'object') {
      assert.deepEqual(Object.keys(actual).sort(), Object.keys(example).sort(), at);
      for (const name of Object.keys(example)) this.#same(example[name], actual[name], what, `${key}.${name}`);
    } else if (VOLATILE.test(key) || example > EPOCH_MS) {
      assert.equal(typeof actual, typeof example, at);
    } else {
      assert.deepEqual(actual, example, at);
    }
  }

  // Reads the head of an event stream, which has no end to wait for.
  async openEvents(client, query, headers = {}, { path = 'events', id = 'openEvents' } = {}) {
    const search = new URLSearchParams(query.map(([key, value]) => [key, this.fill(value)]));
    const enough = /^id: .*\nevent: ready\ndata: .*\n\n/m;
    const opened = await this.open(client, id, `${path}?${search}`, { headers, enough });
    for (const [key] of [...query, ...Object.entries(headers)]) this.saw(`${id} ?${key}`);
    return opened;
  }

  // What is described and was not seen: statuses, codes of conflicts, and parameters that an answer came to.
  unseen() {
    const described = operations.flatMap((operation) => [
      ...Object.keys(operation.responses)
        .filter((status) => status !== 'default')
        .flatMap((status) => [
          `${operation.operationId} ${status}`,
          ...(status === '409' ? codesOf(operation, status).map((code) => `${operation.operationId} 409 ${code}`) : []),
        ]),
      ...operation.parameters
        .filter((parameter) => parameter.in !== 'path')
        .map((parameter) => `${operation.operationId} ?${parameter.name}`),
    ]);
    return described.filter((name) => !this.#seen.has(name));
  }

  saw(name) {
    this.#seen.add(name);
  }
}

// The least that is taken where a body is needed.
export const minimal = {
  followRun: {},
  createWebhook: { url: 'https://example.com/', events: ['session.failed'] },
  startRun: { messages: [{ role: 'user', content: 'x' }] },
  decideStep: { option: 'approve' },
  postMessage: { content: 'x' },
  editMessage: { content: 'x' },
  startSession: {},
  claimSession: { workerId: 'w' },
  completeSession: {},
  failSession: { error: { code: 'c', message: 'm' } },
  changeSession: {},
  writeBatch: '{"op":"record","stepType":"x"}',
  startStep: { stepType: 'x' },
  showProgress: { content: 'x' },
  completeStep: {},
  putStep: { stepType: 'x' },
  markRead: { seq: 1 },
  tellModelStatus: { status: 'reachable' },
  createStream: { type: 'scratchpad', name: 'x', personaId: newId('per') },
  createToken: { personaId: newId('per'), scopes: ['ingest'] },
  putPrice: { model: 'm', inputUsd: 1, outputUsd: 1 },
  deletePrice: { model: 'm' },
  makeShare: {},
  rateSession: { thumb: 'up' },
  enableShares: { enabled: true },
  openShare: { secret: 'x' },
  rotateToken: {},
  changePerson: { name: 'x' },
  createInvite: { email: 'x@example.com' },
  showInvite: { secret: 'x' },
  acceptInvite: { secret: 'x' },
  createPersona: { name: 'x' },
  changePersona: { name: 'x' },
  putRedaction: { name: 'x', pattern: 'x' },
  removeRedaction: { name: 'x' },
  tryRedaction: { text: 'x' },
  putRetention: { days: 1 },
  putStreamRetention: { days: 1 },
  addMember: {},
  removeMember: {},
};
