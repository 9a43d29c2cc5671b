// The tree at the side, in two orders: the project's folders, and the database's schemas.
import {h} from './dom.js';
import {KINDS, orderOfKind} from './project.js';
import {addressOf} from './routes.js';

// Where each thing stands: a list of folders.
function projectPath(thing) {
  if (thing.kind === 'source') return ['Sources', thing.entry.source_name];
  const plural = KINDS.find(({kind}) => kind === thing.kind)?.plural;
  if (['exposure', 'metric', 'semantic_model', 'saved_query'].includes(thing.kind)) return [plural];
  const folders = thing.path.split('/').slice(0, -1);
  return [thing.package, ...(folders.length > 0 ? folders : [plural])];
}

function databasePath(thing) {
  const tabled = ['model', 'seed', 'snapshot', 'source'].includes(thing.kind) && thing.materialized !== 'ephemeral';
  return tabled ? [thing.database || 'database', thing.schema || 'schema'] : undefined;
}

function inProjectTree(thing) {
  if (thing.hidden || thing.kind === 'unit_test') return false;
  // Tests of columns are told with their nodes.
  return thing.kind !== 'test' || !thing.entry.test_metadata;
}

function makeBranch() {
  return {branches: new Map(), leaves: [], count: 0};
}

function grow(things, pathOf) {
  const root = makeBranch();
  for (const thing of things) {
    const path = pathOf(thing);
    if (!path) continue;
    let branch = root;
    for (const name of path) {
      branch.count += 1;
      if (!branch.branches.has(name)) branch.branches.set(name, makeBranch());
      branch = branch.branches.get(name);
    }
    branch.count += 1;
    branch.leaves.push(thing);
  }
  return root;
}

export class Tree {
  constructor(project, place, tabs) {
    this.place = place;
    this.tabs = tabs;
    this.current = undefined;
    const things = [...project.things.values()];
    const first = ['Sources', 'Exposures', 'Metrics', 'Semantic models', 'Saved queries'];
    this.orders = {
      project: {
        root: grow(things.filter(inProjectTree), projectPath),
        pathOf: (thing) => (inProjectTree(thing) ? projectPath(thing) : undefined),
        // The project's own folder is open from the start.
        open: new Set([project.name, `${project.name}/models`]),
        label: (thing) => (thing.kind === 'source' ? thing.entry.name : thing.name),
        // Sources and the like stand before packages, and the project before the packages it uses.
        sort: (a, b) => rank(a) - rank(b) || a.localeCompare(b),
      },
      database: {
        root: grow(things.filter((thing) => !thing.hidden), databasePath),
        pathOf: databasePath,
        open: new Set(),
        label: (thing) => thing.entry.identifier ?? thing.entry.alias ?? thing.name,
        sort: (a, b) => a.localeCompare(b),
      },
    };
    const rank = (name) => (first.includes(name) ? first.indexOf(name) : name === project.name ? -1 : 100);
    for (const [order, tab] of Object.entries(tabs)) tab.addEventListener('click', () => this.show(order));
    this.show('project');
  }

  show(order) {
    this.order = this.orders[order];
    for (const [name, tab] of Object.entries(this.tabs)) tab.setAttribute('aria-selected', String(name === order));
    this.place.replaceChildren(...this.draw(this.order.root, ''));
    this.mark(this.current);
  }

  draw(branch, above) {
    const names = [...branch.branches.keys()].sort(this.order.sort);
    const leaves = [...branch.leaves].sort((a, b) =>
      orderOfKind(a.kind) - orderOfKind(b.kind) || this.order.label(a).localeCompare(this.order.label(b)));
    return [...names.map((name) => this.drawBranch(branch.branches.get(name), name, above)),
            ...leaves.map((thing) => this.drawLeaf(thing))];
  }

  // Its leaves are made when it is first opened: a project has thousands.
  drawBranch(branch, name, above) {
    const path = above ? `${above}/${name}` : name;
    const inside = h('div', {class: 'inside'});
    const {open} = this.order;
    const folder = h('details', {'data-path': path, open: open.has(path)},
                     h('summary', {}, h('span', {class: 'label'}, name), h('span', {class: 'count'}, branch.count)), inside);
    const fillIn = () => inside.childNodes.length === 0 && inside.append(...this.draw(branch, path));
    if (open.has(path)) fillIn();
    folder.fillIn = fillIn;
    folder.addEventListener('toggle', () => {
      if (folder.open) {
        fillIn();
        open.add(path);
      } else {
        open.delete(path);
      }
    });
    return folder;
  }

  drawLeaf(thing) {
    return h('a', {class: `leaf kind-${thing.kind}`, href: addressOf(thing), 'data-id': thing.id, title: thing.id},
             h('i', {class: 'dot'}), h('span', {class: 'label'}, this.order.label(thing)));
  }

  // Opens the way to the page that is shown, and marks it.
  mark(thing) {
    this.current = thing;
    this.place.querySelector('[aria-current]')?.removeAttribute('aria-current');
    let path = '';
    for (const name of (thing && this.order.pathOf(thing)) ?? []) {
      path = path ? `${path}/${name}` : name;
      const folder = this.place.querySelector(`details[data-path="${CSS.escape(path)}"]`);
      if (!folder) return;
      folder.fillIn();
      folder.open = true;
      this.order.open.add(path);
    }
    const leaf = thing && this.place.querySelector(`a[data-id="${CSS.escape(thing.id)}"]`);
    leaf?.setAttribute('aria-current', 'page');
    leaf?.scrollIntoView({block: 'nearest'});
  }
}
