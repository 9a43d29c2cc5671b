// The lineage of one thing, or of a whole project that is small enough to be seen at once.
import {h} from './dom.js';
import {drawGraph} from './graph.js';
import {isInGraph, nameOfKind, neighbourhood} from './project.js';
import {addressOf, lineageAddress} from './routes.js';

const MOST = 250;  // nodes in one picture
const DEPTHS = ['0', '1', '2', '3', '5', 'all'];

export function lineagePage(project, thing, query) {
  const tests = query.get('tests') === 'yes';
  const up = depth(query.get('up'));
  const down = depth(query.get('down'));
  const shown = thing ? neighbourhood(project, thing, {up, down, tests, most: MOST}) : wholeProject(project, tests);
  const view = shown.ids.length > 0 && drawGraph(project, shown.ids, thing, {whole: true});
  const change = (name) => (event) => {
    const value = event.target.type === 'checkbox' ? (event.target.checked ? 'yes' : 'no') : event.target.value;
    location.hash = lineageAddress(thing, {...Object.fromEntries(query), [name]: value});
  };
  const controls = h('div', {class: 'graph-bar'},
    h('h1', {}, thing ? [h('span', {class: `badge kind-${thing.kind}`}, nameOfKind(thing.kind)), h('a', {href: addressOf(thing)}, thing.name)]
                      : 'Lineage'),
    thing && [choice('Upstream', query.get('up') ?? '2', change('up')), choice('Downstream', query.get('down') ?? '2', change('down'))],
    h('label', {}, h('input', {type: 'checkbox', checked: tests, onchange: change('tests')}), 'Tests'),
    view && h('span', {class: 'zoom'},
      button('−', 'Smaller', () => view.zoom(0.8)), button('+', 'Larger', () => view.zoom(1.25)), button('Fit', 'All of it', () => view.fit())));
  const page = h('div', {class: 'lineage-page'}, controls, note(shown, thing), view && view.picture);
  page.view = view;
  return [page];
}

function depth(text) {
  return text === 'all' ? Infinity : Math.max(0, Number.parseInt(text ?? '2', 10) || 0);
}

function choice(label, value, onchange) {
  const options = DEPTHS.includes(value) ? DEPTHS : [...DEPTHS, value];
  return h('label', {}, label, h('select', {onchange}, options.map((each) => h('option', {value: each, selected: each === value}, each))));
}

function button(label, title, onclick) {
  return h('button', {type: 'button', title, 'aria-label': title, onclick}, label);
}

function wholeProject(project, tests) {
  const ids = [...project.things.values()].filter((thing) => isInGraph(thing, tests)).map((thing) => thing.id);
  return ids.length <= MOST ? {ids, left: 0} : {ids: [], left: ids.length};
}

function note({ids, left}, thing) {
  if (left === 0) return undefined;
  const text = thing
    ? `The nearest ${ids.length} are drawn; ${left} beside them, and what lies behind, are not. A smaller depth shows less.`
    : `There are ${left} nodes: too many for one picture. Look for one, and open its lineage.`;
  return h('p', {class: 'graph-note'}, text);
}
