// Descriptions: the Markdown that people write in them, as elements. HTML in it is text, pictures are links, and a link
// goes nowhere but to http(s), mailto and this page.
import {h} from './dom.js';

export function markdown(text) {
  return h('div', {class: 'prose'}, blocks(text.replace(/\r\n?/g, '\n').split('\n')));
}

// One line of it, without paragraphs: for tables and lists.
export function markdownLine(text) {
  const [first = ''] = text.trim().split(/\n\s*\n/);
  return inline(first.replace(/^#+\s+/, '').replace(/\s*\n\s*/g, ' '));
}

const LIST_ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const FENCE = /^\s*(```+|~~~+)\s*(\S*)/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(lines) {
  const made = [];
  let at = 0;
  const startsBlock = (line) => HEADING.test(line) || FENCE.test(line) || RULE.test(line) || LIST_ITEM.test(line) ||
    /^\s*>/.test(line);
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === '') {
      at += 1;
    } else if (FENCE.test(line)) {
      at = fence(lines, at, made);
    } else if (HEADING.test(line)) {
      const [, marks, words] = HEADING.exec(line);
      // The page has headings of its own above.
      made.push(h(`h${Math.min(marks.length + 2, 6)}`, {}, inline(words)));
      at += 1;
    } else if (RULE.test(line)) {
      made.push(h('hr'));
      at += 1;
    } else if (/^\s*>/.test(line)) {
      const quoted = [];
      while (at < lines.length && /^\s*>/.test(lines[at])) quoted.push(lines[at++].replace(/^\s*> ?/, ''));
      made.push(h('blockquote', {}, blocks(quoted)));
    } else if (LIST_ITEM.test(line)) {
      at = list(lines, at, made);
    } else if (line.includes('|') && at + 1 < lines.length && lines[at + 1].includes('-') && TABLE_RULE.test(lines[at + 1])) {
      at = table(lines, at, made);
    } else {
      const paragraph = [line];
      while (++at < lines.length && lines[at].trim() !== '' && !startsBlock(lines[at])) paragraph.push(lines[at]);
      made.push(h('p', {}, inline(paragraph.map((each) => each.trimStart()).join('\n'))));
    }
  }
  return made;
}

function fence(lines, at, made) {
  const mark = FENCE.exec(lines[at])[1];
  const code = [];
  while (++at < lines.length && !lines[at].trim().startsWith(mark)) code.push(lines[at]);
  made.push(h('pre', {}, h('code', {}, code.join('\n'))));
  return at + 1;
}

// An item goes on with the lines that are indented deeper than its mark.
function list(lines, at, made) {
  const ordered = /\d/.test(LIST_ITEM.exec(lines[at])[2]);
  const outer = LIST_ITEM.exec(lines[at])[1].length;
  const items = [];
  while (at < lines.length) {
    const item = LIST_ITEM.exec(lines[at]);
    if (!item || item[1].length > outer + 1 || /\d/.test(item[2]) !== ordered) break;
    const body = [item[3]];
    while (++at < lines.length) {
      const next = lines[at];
      const indent = next.length - next.trimStart().length;
      const goesOn = next.trim() === '' ? /^\s{2,}\S/.test(lines[at + 1] ?? '') : indent > outer + 1;
      if (!goesOn && (next.trim() === '' || LIST_ITEM.test(next) || indent <= outer)) break;
      body.push(next.slice(Math.min(indent, outer + 2)));
    }
    const inner = blocks(body);
    // A lone paragraph is the item's own text.
    if (inner[0]?.localName === 'p') inner.splice(0, 1, ...inner[0].childNodes);
    items.push(h('li', {}, inner));
    while (at < lines.length && lines[at].trim() === '' && LIST_ITEM.test(lines[at + 1] ?? '')) at += 1;
  }
  made.push(h(ordered ? 'ol' : 'ul', {}, items));
  return at;
}

function table(lines, at, made) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => inline(cell.trim()));
  const head = cells(lines[at]);
  const rows = [];
  for (at += 2; at < lines.length && lines[at].includes('|'); ++at) rows.push(cells(lines[at]));
  made.push(h('table', {}, h('thead', {}, h('tr', {}, head.map((cell) => h('th', {}, cell)))),
              h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell) => h('td', {}, cell)))))));
  return at;
}

// The first of these that the text begins with wins; what none begins with is text.
const SPANS = [
  [/^\\([\\`*_{}[\]()#+\-.!|~<>])/, (m) => m[1]],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, (m) => h('code', {}, m[2].trim())],
  [/^!\[([^\]]*)\]\(([^()\s]*)[^)]*\)/, (m) => link(m[2], [m[1] || m[2]])],
  [/^\[((?:[^[\]]|\[[^\]]*\])+)\]\(<?([^()\s>]*)>?(?:\s+"[^"]*")?\)/, (m) => link(m[2], inline(m[1]))],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => link(m[1], [m[1]])],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, (m) => h('strong', {}, inline(m[1]))],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, (m) => h('strong', {}, inline(m[1]))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m) => h('s', {}, inline(m[1]))],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (m) => h('em', {}, inline(m[1]))],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, (m) => h('em', {}, inline(m[1]))],
  [/^ {2,}\n/, () => h('br')],
  [/^https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/, (m) => link(m[0], [m[0]])],
];

function inline(text) {
  const made = [];
  let plain = '';
  let before = '';
  while (text !== '') {
    let rest;
    // Within a word an underscore and an address are letters.
    for (const [pattern, make] of /\w/.test(before) && /^[_h]/.test(text) ? [] : SPANS) {
      const match = pattern.exec(text);
      if (!match) continue;
      if (plain) made.push(plain);
      plain = '';
      made.push(make(match));
      rest = text.slice(match[0].length);
      before = match[0].at(-1);
      break;
    }
    if (rest === undefined) {
      // Up to the next character that could begin something.
      const [piece] = /^[\s\S][^\\`!\[<*_~ h]*/.exec(text);
      plain += piece;
      before = piece.at(-1);
      rest = text.slice(piece.length);
    }
    text = rest;
  }
  if (plain) made.push(plain);
  return made;
}

function link(address, words) {
  if (address.startsWith('#')) return h('a', {href: address}, words);
  let url;
  try {
    url = new URL(address);
  } catch {
    return h('span', {}, words);
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return h('span', {}, words);
  return h('a', {href: url.href, target: '_blank', rel: 'noopener noreferrer'}, words);
}
