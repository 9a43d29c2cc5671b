// SQL and Jinja with colours, and the copy button.
import {copyButton, h} from './dom.js';

const WORDS = new Set(`all alter and anti any as asc between by case cast create cross delete desc distinct drop else end
except exclude exists false filter first following from full group having in index inner insert intersect interval into
is join last lateral left like ilike limit materialized natural not null nulls offset on or order outer over partition
preceding primary qualify range recursive replace returning right row rows schema select semi set table then true
unbounded union unique update using values view when where window with within`.split(/\s+/));

const TOKEN = new RegExp([
  String.raw`(?<comment>--[^\n]*|/\*[\s\S]*?\*/|\{#[\s\S]*?#\})`,
  String.raw`(?<jinja>\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})`,
  String.raw`(?<string>'(?:[^']|'')*')`,
  String.raw`(?<quoted>"(?:[^"]|"")*")`,
  String.raw`(?<number>\b\d+(?:\.\d+)?\b)`,
  String.raw`(?<word>[A-Za-z_]\w*)`,
].join('|'), 'g');

export function highlight(code) {
  const made = [];
  let at = 0;
  for (const match of code.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    if (kind === 'quoted' || (kind === 'word' && !WORDS.has(match[0].toLowerCase()))) continue;
    made.push(code.slice(at, match.index), h('span', {class: `sql-${kind}`}, match[0]));
    at = match.index + match[0].length;
  }
  made.push(code.slice(at));
  return h('code', {}, made);
}

// Tabs over one or several texts: [['Raw', sql], ['Compiled', sql]]; what is empty has no tab.
export function codeBlock(parts) {
  const there = parts.filter(([, code]) => code.trim() !== '');
  if (there.length === 0) return undefined;
  let shown = there.length - 1;
  const pre = h('pre', {class: 'code', tabindex: '0'});
  const tabs = there.map(([label], i) => h('button', {role: 'tab', type: 'button', onclick: () => show(i)}, label));
  const show = (which) => {
    shown = which;
    pre.replaceChildren(highlight(there[which][1].replace(/\s+$/, '')));
    tabs.forEach((tab, i) => tab.setAttribute('aria-selected', String(i === which)));
  };
  show(shown);
  return h('div', {class: 'code-block'},
           h('div', {class: 'code-bar'}, h('div', {class: 'tabs', role: 'tablist'}, tabs), copyButton(() => there[shown][1])), pre);
}
