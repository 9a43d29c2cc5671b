// Finds things by name, column, tag and description. Every word must be found somewhere; where decides the rank.
//   orders amount        both words, anywhere
//   tag:daily type:model column:amount    only there
import {orderOfKind} from './project.js';

// What a word is worth by where it was found. A name is what people mean; a description says a lot in passing.
const WORTH = {nameExact: 100, nameStart: 60, nameWord: 45, nameInside: 30, column: 26, columnInside: 14, tag: 20,
               path: 6, description: 5, sql: 1};

export function makeIndex(project) {
  return [...project.things.values()].filter((thing) => !thing.hidden).map((thing) => ({
    thing,
    name: thing.name.toLowerCase(),
    id: thing.id.toLowerCase(),
    columns: thing.columns.map((column) => column.name.toLowerCase()),
    columnTexts: thing.columns.map((column) => column.description.toLowerCase()).join('\n'),
    tags: thing.tags.map((tag) => String(tag).toLowerCase()),
    description: thing.description.toLowerCase(),
    path: `${thing.path} ${thing.relation}`.toLowerCase(),
    sql: thing.raw.toLowerCase(),
  }));
}

export function search(index, text, most = 40) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found = [];
  for (const entry of index) {
    const hit = rank(entry, words);
    if (hit) found.push(hit);
  }
  found.sort((a, b) => b.score - a.score || orderOfKind(a.thing.kind) - orderOfKind(b.thing.kind) ||
                       a.thing.name.localeCompare(b.thing.name));
  return found.slice(0, most);
}

function rank(entry, words) {
  let score = 0;
  let column;
  for (const word of words) {
    const found = worthOf(entry, word);
    if (!found) return undefined;
    score += found.worth;
    column ??= found.column;
  }
  // Tests and macros have many words in their names; what they are about goes before them.
  if (['test', 'unit_test', 'macro'].includes(entry.thing.kind)) score *= 0.5;
  return {thing: entry.thing, score, column};
}

function worthOf(entry, word) {
  const [, field, rest] = /^(tag|type|column|name):(.*)$/.exec(word) ?? [];
  if (field === 'type') return entry.thing.kind.startsWith(rest) ? {worth: 1} : undefined;
  if (field === 'tag') return entry.tags.some((tag) => tag.includes(rest)) ? {worth: WORTH.tag} : undefined;
  if (field === 'column') return inColumns(entry, rest);
  if (field === 'name') return inName(entry, rest);
  return inName(entry, word) ?? inColumns(entry, word) ?? inTexts(entry, word);
}

function inName({name, id}, word) {
  if (name === word || id === word) return {worth: WORTH.nameExact};
  const at = name.indexOf(word);
  if (at < 0) return id.includes(word) ? {worth: WORTH.path} : undefined;
  if (at === 0) return {worth: WORTH.nameStart};
  return {worth: /[a-z0-9]/.test(name[at - 1]) ? WORTH.nameInside : WORTH.nameWord};
}

function inColumns({columns, thing}, word) {
  const exact = columns.indexOf(word);
  if (exact >= 0) return {worth: WORTH.column, column: thing.columns[exact].name};
  const inside = columns.findIndex((column) => column.includes(word));
  return inside >= 0 ? {worth: WORTH.columnInside, column: thing.columns[inside].name} : undefined;
}

function inTexts(entry, word) {
  if (entry.tags.some((tag) => tag.includes(word))) return {worth: WORTH.tag};
  if (entry.path.includes(word)) return {worth: WORTH.path};
  if (entry.description.includes(word) || entry.columnTexts.includes(word)) return {worth: WORTH.description};
  return entry.sql.includes(word) ? {worth: WORTH.sql} : undefined;
}
