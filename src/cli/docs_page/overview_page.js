// The first page: what the project says of itself, and how much there is of everything.
import {h} from './dom.js';
import {markdown, markdownLine} from './markdown.js';
import {KINDS} from './project.js';
import {thingLink} from './node_page.js';

const MOST = 200;  // lines of a list

export function overviewPage(project) {
  const {metadata, catalogMetadata} = project;
  const own = [...project.things.values()].filter((thing) => !thing.hidden);
  return [
    h('header', {class: 'page-head'},
      h('p', {class: 'crumbs'}, [metadata.adapter_type, madeAt(catalogMetadata.generated_at)].filter(Boolean).join(' · ')),
      h('h1', {}, project.name)),
    h('section', {class: 'tiles'}, KINDS.map(({kind, plural}) => tile(own.filter((thing) => thing.kind === kind), kind, plural))),
    project.overview && h('section', {class: 'description'}, markdown(project.overview)),
    listOf('Exposures', own.filter((thing) => thing.kind === 'exposure')),
    listOf('Results', own.filter(isResult), 'models that no other model reads'),
    listOf('Sources', own.filter((thing) => thing.kind === 'source')),
  ];

  function isResult(thing) {
    const readers = thing.referencedBy.map((id) => project.things.get(id).kind);
    return thing.kind === 'model' && !readers.some((kind) => kind === 'model' || kind === 'snapshot');
  }
}

function madeAt(instant) {
  const at = new Date(instant ?? NaN);
  return Number.isNaN(at.getTime()) ? '' : `as of ${at.toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'})}`;
}

function tile(things, kind, plural) {
  if (things.length === 0) return undefined;
  const notes = [];
  const share = (count, word) => notes.push(count === things.length ? `all ${word}` : `${count || 'none'} ${word}`);
  if (['model', 'source', 'seed', 'snapshot'].includes(kind)) {
    share(things.filter((thing) => thing.description.trim()).length, 'described');
    share(things.filter((thing) => thing.tests.length > 0).length, 'tested');
  }
  return h('div', {class: `tile kind-${kind}`}, h('b', {}, things.length),
    h('span', {}, h('i', {class: 'dot'}), things.length === 1 ? plural.replace(/ies$/, 'y').replace(/ses$/, 'sis').replace(/s$/, '') : plural),
    notes.length > 0 && h('small', {}, notes.join(', ')));
}

function listOf(title, things, explained) {
  if (things.length === 0) return undefined;
  const sorted = things.sort((a, b) => a.name.localeCompare(b.name));
  return h('section', {}, h('h2', {}, title, h('span', {class: 'count', title: explained}, things.length)),
    h('ul', {class: 'links'}, sorted.slice(0, MOST).map((thing) => h('li', {}, thingLink(thing),
      thing.materialized && h('span', {class: 'kind'}, thing.materialized),
      thing.description && h('span', {class: 'about'}, markdownLine(thing.description))))),
    things.length > MOST && h('p', {class: 'quiet'}, `and ${things.length - MOST} more, in the tree and the search`));
}
