// What manifest.json and catalog.json say, as the page thinks of it: things (models, sources, tests, macros…) by their
// unique id, each with what it depends on and what refers to it.

// In the order in which lists name them.
export const KINDS = [
  ['model', 'Models'], ['source', 'Sources'], ['seed', 'Seeds'], ['snapshot', 'Snapshots'], ['exposure', 'Exposures'],
  ['metric', 'Metrics'], ['semantic_model', 'Semantic models'], ['saved_query', 'Saved queries'],
  ['analysis', 'Analyses'], ['function', 'Functions'], ['test', 'Tests'], ['unit_test', 'Unit tests'],
  ['macro', 'Macros'],
].map(([kind, plural], order) => ({kind, plural, order}));
const ORDER = new Map(KINDS.map(({kind, order}) => [kind, order]));

export function orderOfKind(kind) {
  return ORDER.get(kind) ?? KINDS.length;
}

export function nameOfKind(kind) {
  return kind.replace('_', ' ');
}

async function fetchJson(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: ${(await answer.text()).trim()}`);
  return answer.json();
}

export async function loadProject() {
  const [manifest, catalog] = await Promise.all([fetchJson('manifest.json'), fetchJson('catalog.json')]);
  return makeProject(manifest, catalog);
}

export function makeProject(manifest, catalog) {
  const things = new Map();
  for (const group of ['nodes', 'sources', 'exposures', 'metrics', 'semantic_models', 'saved_queries', 'functions',
                       'unit_tests', 'macros']) {
    for (const [id, entry] of Object.entries(manifest[group] ?? {})) {
      const described = catalog.nodes?.[id] ?? catalog.sources?.[id];
      if (entry.resource_type === 'operation' || entry.resource_type === 'sql_operation') continue;
      things.set(id, makeThing(id, entry, described));
    }
  }
  link(things);
  const metadata = manifest.metadata ?? {};
  return {
    things,
    name: metadata.project_name ?? 'project',
    metadata,
    catalogMetadata: catalog.metadata ?? {},
    overview: findOverview(manifest.docs ?? {}, metadata.project_name),
  };
}

function makeThing(id, entry, described) {
  const kind = entry.resource_type;
  const builtin = kind === 'macro' && /^dbt(_duckdb|_postgres)?$/.test(entry.package_name);
  const thing = {
    id, kind, entry,
    name: nameOf(kind, entry),
    package: entry.package_name,
    path: (entry.original_file_path ?? '').replaceAll('\\', '/'),
    description: entry.description ?? '',
    tags: entry.tags ?? entry.config?.tags ?? [],
    materialized: ['model', 'seed', 'snapshot'].includes(kind) ? entry.config?.materialized : undefined,
    database: described?.metadata.database ?? entry.database ?? '',
    schema: described?.metadata.schema ?? entry.schema ?? '',
    relation: entry.relation_name ?? '',
    raw: entry.raw_code ?? entry.macro_sql ?? '',
    compiled: entry.compiled_code ?? '',
    owner: described?.metadata.owner ?? entry.owner?.name ?? entry.owner?.email ?? '',
    tableType: described?.metadata.type ?? '',
    comment: described?.metadata.comment ?? '',
    stats: Object.values(described?.stats ?? {}).filter((stat) => stat.include),
    inCatalog: described !== undefined,
    columns: makeColumns(entry, described),
    hidden: entry.docs?.show === false || builtin,
    color: colorOf(entry.docs?.node_color ?? entry.config?.docs?.node_color),
    dependsOn: [...new Set([...(entry.depends_on?.nodes ?? []), ...(entry.depends_on?.macros ?? [])])],
    referencedBy: [],
    tests: [],
  };
  return thing;
}

function nameOf(kind, entry) {
  if (kind === 'source') return `${entry.source_name}.${entry.name}`;
  if (entry.version !== undefined && entry.version !== null) return `${entry.name}.v${entry.version}`;
  return entry.name;
}

// A name or a number of CSS; anything else could be more than a colour.
function colorOf(text) {
  return /^(#[0-9a-f]{3,8}|[a-z]{3,20})$/i.test(text ?? '') ? text : undefined;
}

// The catalog's columns in the database's order; then those that are only described.
function makeColumns(entry, described) {
  const known = Object.values(entry.columns ?? {});
  const byName = new Map(known.map((column) => [column.name.toLowerCase(), column]));
  const columns = [];
  const add = (name, column, found) => columns.push({
    name,
    type: found?.type ?? column?.data_type ?? '',
    description: column?.description || found?.comment || '',
    tags: column?.tags ?? [],
    constraints: column?.constraints ?? [],
    missing: described !== undefined && found === undefined,
    tests: [],
  });
  const found = Object.values(described?.columns ?? {}).sort((a, b) => a.index - b.index);
  for (const column of found) {
    add(column.name, byName.get(column.name.toLowerCase()), column);
    byName.delete(column.name.toLowerCase());
  }
  for (const column of byName.values()) add(column.name, column, undefined);
  return columns;
}

// Who refers to whom, and which tests belong to which node and column.
function link(things) {
  for (const thing of things.values()) {
    thing.dependsOn = thing.dependsOn.filter((id) => things.has(id));
    for (const id of thing.dependsOn) things.get(id).referencedBy.push(thing.id);
  }
  for (const test of things.values()) {
    if (test.kind !== 'test' && test.kind !== 'unit_test') continue;
    // One that is written by hand may be about several.
    const attached = test.entry.attached_node ? [test.entry.attached_node] : test.dependsOn;
    const about = attached.filter((id) => !id.startsWith('macro.')).map((id) => things.get(id)).filter(Boolean);
    for (const thing of about) thing.tests.push(test);
    if (about.length !== 1) continue;
    [test.about] = about;
    const name = test.entry.column_name?.replaceAll('"', '').toLowerCase();
    test.about.columns.find((column) => column.name.toLowerCase() === name)?.tests.push(test);
  }
}

// "unique" rather than "unique_orders_id".
export function shortTestName(test) {
  const about = test.entry.test_metadata;
  return about ? (about.namespace && about.namespace !== 'dbt' ? `${about.namespace}.` : '') + about.name : test.name;
}

// The project's own overview goes before the one that comes with dbt.
function findOverview(docs, name) {
  const own = docs[`doc.${name}.__overview__`] ?? docs[`doc.${name}.__${name}__`];
  if (own) return own.block_contents;
  const other = Object.values(docs).find((doc) => doc.name === '__overview__' && !doc.package_name.startsWith('dbt'));
  return other?.block_contents ?? '';
}

export function isInGraph(thing, withTests = false) {
  if (!thing || thing.hidden || thing.kind === 'macro') return false;
  return withTests || (thing.kind !== 'test' && thing.kind !== 'unit_test');
}

// The neighbourhood of a thing: at most `most` of them, the nearest first; `left` counts those next to them that had no
// place.
export function neighbourhood(project, start, {up, down, tests = false, most = 250}) {
  const seen = new Set([start.id]);
  const left = new Set();
  const walk = (edges, depth) => {
    let ring = [start];
    for (let step = 0; step < depth && ring.length > 0; ++step) {
      const next = [];
      for (const thing of ring) {
        for (const id of thing[edges]) {
          const other = project.things.get(id);
          if (seen.has(id) || !isInGraph(other, tests)) continue;
          if (seen.size >= most) {
            left.add(id);
            continue;
          }
          seen.add(id);
          next.push(other);
        }
      }
      ring = next;
    }
  };
  walk('dependsOn', up);
  walk('referencedBy', down);
  return {ids: [...seen], left: left.size};
}
