// The search field and the list below it. '/' goes there, the arrows choose, Enter opens, Escape leaves.
import {h} from './dom.js';
import {markdownLine} from './markdown.js';
import {nameOfKind} from './project.js';
import {addressOf} from './routes.js';
import {makeIndex, search} from './search.js';

export class SearchBox {
  constructor(project, field, list) {
    Object.assign(this, {project, field, list, index: undefined, links: [], chosen: -1});
    field.addEventListener('input', () => this.find());
    field.addEventListener('focus', () => this.find());
    field.addEventListener('keydown', (event) => this.key(event));
    list.addEventListener('click', () => {
      field.value = '';
      this.close();
    });
    document.addEventListener('pointerdown', (event) => {
      if (!list.contains(event.target) && event.target !== field) this.close();
    });
  }

  find() {
    const text = this.field.value.trim();
    if (text === '') return this.close();
    this.index ??= makeIndex(this.project);
    const found = search(this.index, text);
    const words = text.toLowerCase().split(/\s+/).map((word) => word.replace(/^(tag|type|column|name):/, '')).filter(Boolean);
    this.links = found.map((hit, i) => this.draw(hit, words, i));
    this.list.replaceChildren(...(found.length > 0 ? this.links : [h('p', {class: 'quiet'}, 'Nothing is called so.')]));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.field.setAttribute('aria-expanded', 'true');
    this.choose(found.length > 0 ? 0 : -1);
  }

  draw({thing, column}, words, i) {
    const about = thing.description && h('span', {class: 'about'}, textOf(markdownLine(thing.description)));
    return h('a', {class: `result kind-${thing.kind}`, href: addressOf(thing, column), role: 'option', id: `result-${i}`},
             h('span', {class: 'first-line'}, h('i', {class: 'dot'}), h('span', {class: 'name'}, marked(thing.name, words)),
               column && h('span', {class: 'column'}, marked(column, words)),
               thing.tags.filter((tag) => words.some((word) => String(tag).toLowerCase().includes(word)))
                 .map((tag) => h('span', {class: 'tag'}, String(tag))),
               h('span', {class: 'kind'}, nameOfKind(thing.kind))),
             about);
  }

  choose(which) {
    this.links[this.chosen]?.removeAttribute('aria-selected');
    this.chosen = which;
    const link = this.links[which];
    link?.setAttribute('aria-selected', 'true');
    link?.scrollIntoView({block: 'nearest'});
    if (link) this.field.setAttribute('aria-activedescendant', link.id);
    else this.field.removeAttribute('aria-activedescendant');
  }

  key(event) {
    const count = this.links.length;
    if (event.key === 'Escape') {
      this.close();
      this.field.blur();
    } else if (this.list.hidden || count === 0) {
      return;
    } else if (event.key === 'ArrowDown') {
      this.choose((this.chosen + 1) % count);
    } else if (event.key === 'ArrowUp') {
      this.choose((this.chosen + count - 1) % count);
    } else if (event.key === 'Enter') {
      this.links[this.chosen]?.click();
      this.field.blur();
    } else {
      return;
    }
    event.preventDefault();
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute('aria-expanded', 'false');
  }
}

function textOf(parts) {
  return h('span', {}, parts).textContent;
}

// The text with the words that were looked for marked.
function marked(text, words) {
  const lower = text.toLowerCase();
  const made = [];
  let at = 0;
  while (at < text.length) {
    let next = {at: text.length, length: 0};
    for (const word of words) {
      const found = lower.indexOf(word, at);
      if (found >= 0 && (found < next.at || (found === next.at && word.length > next.length))) {
        next = {at: found, length: word.length};
      }
    }
    made.push(text.slice(at, next.at));
    if (next.length > 0) made.push(h('mark', {}, text.slice(next.at, next.at + next.length)));
    at = next.at + next.length;
  }
  return made;
}
