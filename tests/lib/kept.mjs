// SPDX-License-Identifier: Apache-2.0
// Where in the database a text stands: every place that keeps text, whatever it is called, beside the tables of `beside`.
export async function placesOf(instance, text, beside = []) {
  const columns = await instance.psql(`SELECT table_name AS t, column_name AS c FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('text', 'json', 'ARRAY')`);
  const parts = columns
    .filter(({ t }) => !beside.includes(t))
    .map(({ t, c }) => `SELECT '${t}.${c}' AS place FROM "${t}" WHERE strpos("${c}"::text, '${text}') > 0`);
  return (await instance.psql(parts.join(' UNION '))).map(({ place }) => place);
}
