// Begins here: reads the project, then shows the page that the address names. The address is all the state there is, so
// the back button and links from elsewhere work.
import {h} from './dom.js';
import {lineagePage} from './lineage_page.js';
import {nodePage} from './node_page.js';
import {overviewPage} from './overview_page.js';
import {loadProject} from './project.js';
import {lineageAddress, readAddress} from './routes.js';
import {SearchBox} from './search_box.js';
import {Tree} from './tree.js';

const get = (id) => document.getElementById(id);
const main = get('main');
const places = new Map();  // how far pages were scrolled, by address

function show(project, tree) {
  const {id, lineage, query} = readAddress(location.hash);
  const thing = project.things.get(id);
  const missing = id !== '' && !thing;
  const parts = missing ? [notFound(id)] : lineage ? lineagePage(project, thing, query)
    : thing ? nodePage(project, thing, query) : overviewPage(project);
  main.className = lineage && !missing ? 'with-graph' : '';
  main.replaceChildren(...parts.filter(Boolean));
  for (const part of parts) part?.view?.fit?.();
  document.title = thing ? `${thing.name} · ${project.name}` : project.name;
  get('lineage-link').href = lineageAddress(thing);
  document.body.classList.remove('side-open');
  tree.mark(thing);
  const wanted = main.querySelector('.wanted');
  if (wanted) wanted.scrollIntoView({block: 'center'});
  else main.scrollTop = places.get(location.hash) ?? 0;
}

function notFound(id) {
  return h('section', {class: 'page-head'}, h('h1', {}, 'Not here'),
    h('p', {class: 'quiet'}, `The project has nothing called ${id}. It may have been renamed, or the docs are older than it.`));
}

function keepTheme() {
  const themes = ['auto', 'light', 'dark'];
  const button = get('theme');
  let theme = localStorage.getItem('theme') ?? 'auto';
  const apply = () => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.title = {auto: 'As the system', light: 'Light', dark: 'Dark'}[theme];
    button.textContent = {auto: '◐', light: '☀', dark: '☾'}[theme];
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    localStorage.setItem('theme', theme);
    apply();
  });
  apply();
}

function keepSide() {
  const open = (on) => {
    document.body.classList.toggle('side-open', on);
    get('menu').setAttribute('aria-expanded', String(on));
  };
  get('menu').addEventListener('click', () => open(!document.body.classList.contains('side-open')));
  main.addEventListener('pointerdown', () => open(false));
  document.addEventListener('keydown', (event) => event.key === 'Escape' && open(false));
}

function keepKeys() {
  document.addEventListener('keydown', (event) => {
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key !== '/' || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    get('search').focus();
    get('search').select();
  });
  get('skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
}

async function begin() {
  keepTheme();
  keepSide();
  keepKeys();
  let project;
  try {
    project = await loadProject();
  } catch (error) {
    main.replaceChildren(h('section', {class: 'page-head'}, h('h1', {}, 'There is nothing to show yet'),
      h('p', {}, error.message), h('p', {class: 'quiet'}, 'Once the docs are made, load this page again.')));
    return;
  }
  get('project-name').textContent = project.name;
  const tree = new Tree(project, get('tree'), {project: get('tab-project'), database: get('tab-database')});
  new SearchBox(project, get('search'), get('results'));
  main.addEventListener('scroll', () => places.set(location.hash, main.scrollTop));
  window.addEventListener('hashchange', () => show(project, tree));
  show(project, tree);
}

begin();
