// The page of one thing.
import {copyButton, h} from './dom.js';
import {drawGraph} from './graph.js';
import {markdown, markdownLine} from './markdown.js';
import {isInGraph, nameOfKind, neighbourhood, orderOfKind, shortTestName} from './project.js';
import {addressOf, lineageAddress} from './routes.js';
import {codeBlock} from './sql.js';

export function nodePage(project, thing, query) {
  return [
    header(thing),
    thing.description.trim() && h('section', {class: 'description'}, markdown(thing.description)),
    lineage(project, thing),
    columns(thing, query.get('column')),
    macroArguments(thing),
    tests(thing),
    unitTest(thing),
    code(thing),
    links(project, 'Depends on', thing.dependsOn),
    links(project, 'Referenced by', thing.referencedBy.filter((id) => !thing.tests.some((test) => test.id === id))),
    details(thing),
  ];
}

function section(title, extra, ...content) {
  return h('section', {id: title.toLowerCase().replaceAll(' ', '-')}, h('h2', {}, title, extra), content);
}

function header(thing) {
  const {entry} = thing;
  const folders = thing.kind === 'source' ? [thing.package, entry.source_name] : [thing.package, ...thing.path.split('/')];
  return h('header', {class: 'page-head'},
    h('p', {class: 'crumbs'}, folders.filter(Boolean).join(' / ')),
    h('h1', {}, h('span', {class: `badge kind-${thing.kind}`}, nameOfKind(thing.kind)), h('span', {}, entry.label ?? thing.name)),
    thing.relation && h('p', {class: 'relation'}, h('code', {}, thing.relation), copyButton(() => thing.relation)),
    chips(thing));
}

function chips(thing) {
  const {entry} = thing;
  const config = entry.config ?? {};
  const made = [];
  const add = (text, title = undefined, name = 'chip') => text && made.push(h('span', {class: name, title}, text));
  add(thing.materialized, 'how it is built');
  add(thing.kind === 'exposure' && entry.type, 'what it is');
  add(thing.kind === 'exposure' && entry.maturity, 'maturity');
  add(thing.kind === 'metric' && entry.type, 'kind of metric');
  add(entry.access && entry.access !== 'protected' && entry.access, 'who may refer to it');
  add((entry.contract ?? config.contract)?.enforced && 'contract enforced', 'its columns are checked when it is built');
  add(entry.group && `group ${entry.group}`);
  add(entry.latest_version !== undefined && entry.latest_version !== null && `latest is v${entry.latest_version}`);
  add(thing.kind === 'test' && (config.severity ?? '').toLowerCase() === 'warn' && 'warns');
  add(config.enabled === false && 'disabled');
  for (const tag of thing.tags) add(`#${tag}`, 'tag', 'chip tag');
  return made.length > 0 && h('p', {class: 'chips'}, made);
}

function lineage(project, thing) {
  if (!isInGraph(thing, true)) return undefined;
  const {ids, left} = neighbourhood(project, thing, {up: 1, down: 1, tests: thing.kind === 'test', most: 60});
  if (ids.length === 1) return undefined;
  const view = drawGraph(project, ids, thing);
  view.picture.style.height = `${Math.min(440, Math.max(120, view.height()))}px`;
  const made = section('Lineage', h('a', {class: 'more', href: lineageAddress(thing)}, 'Explore'), view.picture,
    left > 0 && h('p', {class: 'quiet'}, `${left} more are not drawn.`));
  made.view = view;
  return made;
}

function columns(thing, wanted) {
  if (thing.columns.length === 0) return undefined;
  const rows = thing.columns.map((column) => h('tr', {
    'data-column': column.name, class: column.name === wanted ? 'wanted' : undefined,
  },
  h('th', {scope: 'row'}, h('code', {}, column.name), column.tags.map((tag) => h('span', {class: 'chip tag'}, `#${tag}`))),
  h('td', {class: 'type'}, column.type),
  h('td', {class: 'text'}, column.description && markdownLine(column.description),
    column.missing && h('span', {class: 'quiet'}, ' not in the database')),
  h('td', {class: 'marks'}, [...column.constraints.map(constraint), ...column.tests.map(testMark)].map((mark) => [mark, ' ']))));
  return section('Columns', h('span', {class: 'count'}, thing.columns.length),
    h('div', {class: 'wide'}, h('table', {class: 'columns'},
      h('thead', {}, h('tr', {}, ['Name', 'Type', 'Description', 'Tests'].map((word) => h('th', {scope: 'col'}, word)))),
      h('tbody', {}, rows))));
}

function constraint(about) {
  const text = about.type === 'check' ? `check ${about.expression ?? ''}` : about.type.replaceAll('_', ' ');
  return h('span', {class: 'mark constraint', title: about.expression ?? 'constraint'}, text);
}

function testMark(test) {
  return h('a', {class: 'mark', href: addressOf(test), title: test.name}, shortTestName(test));
}

function macroArguments({entry}) {
  if (!(entry.arguments?.length > 0)) return undefined;
  return section('Arguments', undefined, h('div', {class: 'wide'}, h('table', {class: 'columns'}, h('tbody', {},
    entry.arguments.map((argument) => h('tr', {},
      h('th', {scope: 'row'}, h('code', {}, argument.name)), h('td', {class: 'type'}, argument.type ?? ''),
      h('td', {class: 'text'}, markdownLine(argument.description ?? ''))))))));
}

// Those that are not told beside a column.
function tests(thing) {
  const told = new Set(thing.columns.flatMap((column) => column.tests));
  const others = thing.tests.filter((test) => !told.has(test));
  if (others.length === 0) return undefined;
  return section('Tests', h('span', {class: 'count'}, others.length), h('ul', {class: 'links'}, others.map((test) => h('li', {},
    thingLink(test), test.description && h('span', {class: 'about'}, markdownLine(test.description))))));
}

// What a unit test gives, and what it expects.
function unitTest({kind, entry}) {
  if (kind !== 'unit_test') return undefined;
  const parts = [...(entry.given ?? []).map((given) => [given.input, given]), ['expected', entry.expect ?? {}]];
  return section('Rows', undefined, parts.map(([title, {rows, fixture}]) => [
    h('h3', {class: 'rows-title'}, h('code', {}, title)), rowsTable(rows) ?? h('p', {class: 'quiet'}, fixture ?? 'no rows')]));
}

function rowsTable(rows) {
  if (typeof rows === 'string') return h('pre', {class: 'code'}, rows);
  if (!Array.isArray(rows) || rows.length === 0) return undefined;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return h('div', {class: 'wide'}, h('table', {class: 'rows'}, h('thead', {}, h('tr', {}, names.map((name) => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, names.map((name) => h('td', {}, row[name] === null || row[name] === undefined
      ? h('span', {class: 'quiet'}, 'null') : String(row[name]))))))));
}

function code(thing) {
  const block = codeBlock(thing.kind === 'macro' ? [['Macro', thing.raw]] : [['Source', thing.raw], ['Compiled', thing.compiled]]);
  return block && section('Code', undefined, block);
}

export function thingLink(thing) {
  return h('a', {class: `thing kind-${thing.kind}`, href: addressOf(thing), title: thing.id},
    h('i', {class: 'dot'}), thing.name);
}

function links(project, title, ids) {
  const things = ids.map((id) => project.things.get(id)).filter((thing) => !thing.hidden)
    .sort((a, b) => orderOfKind(a.kind) - orderOfKind(b.kind) || a.name.localeCompare(b.name));
  if (things.length === 0) return undefined;
  return section(title, h('span', {class: 'count'}, things.length), h('ul', {class: 'links'}, things.map((thing) => h('li', {},
    thingLink(thing), h('span', {class: 'kind'}, nameOfKind(thing.kind)),
    thing.description && h('span', {class: 'about'}, markdownLine(thing.description))))));
}

function details(thing) {
  const {entry} = thing;
  const rows = [];
  const add = (name, value) => value !== undefined && value !== null && value !== '' && rows.push([name, value]);
  add('Owner', thing.kind === 'exposure' && entry.owner ? [entry.owner.name, entry.owner.email].flat().filter(Boolean).join(', ') : thing.owner);
  add('Kind of relation', thing.tableType && thing.tableType.toLowerCase());
  for (const stat of thing.stats) add(stat.label, String(stat.value));
  add('Comment', thing.comment !== thing.description ? thing.comment : '');
  add('Language', entry.language !== 'sql' ? entry.language : '');
  add('Loader', entry.loader);
  add('Loaded at', entry.loaded_at_field);
  add('Freshness', freshness(entry.freshness));
  add('Unique key', [entry.config?.unique_key].flat().filter(Boolean).join(', '));
  add('Strategy', entry.config?.incremental_strategy ?? entry.config?.strategy);
  add('Address', entry.url && markdownLine(entry.url));
  add('About', thing.about && thingLink(thing.about));
  for (const [name, value] of Object.entries(entry.meta ?? {})) add(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  add('File', thing.path && h('code', {}, thing.path));
  add('Unique id', h('code', {}, thing.id));
  if (!thing.inCatalog && ['source', 'seed', 'snapshot'].includes(thing.kind)) add('In the database', 'not found when the docs were made');
  return section('Details', undefined, h('dl', {class: 'details'}, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])));
}

function freshness(rule) {
  const said = (about, word) => (about?.count ? `${word} after ${about.count} ${about.period}${about.count === 1 ? '' : 's'}` : '');
  return [said(rule?.warn_after, 'warns'), said(rule?.error_after, 'fails')].filter(Boolean).join(', ');
}
