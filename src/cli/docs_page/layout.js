// Places for a graph's nodes, from left to right along its edges. In four steps: a layer for each node (behind all that
// it depends on), bends where an edge crosses layers, an order within layers that crosses few edges, and heights near
// those of the neighbours.
//
//     layOut([{id, width, height}], [[from, to]]) -> {places: Map(id → {x, y, width, height}), edges: [{from, to, points}],
//                                                     width, height}

const GAP_ACROSS = 64;  // between layers
const GAP_DOWN = 12;    // between nodes of one layer
const SWEEPS = 16;

export function layOut(nodes, edges) {
  const graph = makeGraph(nodes, edges);
  assignLayers(graph);
  const layers = bend(graph);
  orderLayers(layers);
  assignHeights(layers);
  return measure(graph, layers);
}

function makeGraph(nodes, edges) {
  const byId = new Map(nodes.map((node) => [node.id, {...node, before: [], after: [], layer: 0}]));
  const links = [];
  for (const [from, to] of edges) {
    const link = {from: byId.get(from), to: byId.get(to), bends: []};
    if (!link.from || !link.to || from === to) continue;
    links.push(link);
    link.from.after.push(link.to);
    link.to.before.push(link.from);
  }
  return {nodes: [...byId.values()], links};
}

// The longest way from the left; then a node with more behind it than before it moves right, towards what reads it.
function assignLayers({nodes}) {
  const waits = new Map(nodes.map((node) => [node, node.before.length]));
  const order = nodes.filter((node) => node.before.length === 0);
  for (const node of order) {
    for (const next of node.after) {
      next.layer = Math.max(next.layer, node.layer + 1);
      waits.set(next, waits.get(next) - 1);
      if (waits.get(next) === 0) order.push(next);
    }
  }
  for (const node of order.reverse()) {
    if (node.after.length === 0 || node.before.length >= node.after.length) continue;
    node.layer = Math.max(node.layer, Math.min(...node.after.map((next) => next.layer)) - 1);
  }
}

// Layers of items; an edge over several layers passes each by a bend, an item without height.
function bend({nodes, links}) {
  const first = Math.min(...nodes.map((node) => node.layer));
  const layers = [];
  const put = (item, layer) => (layers[layer - first] ??= []).push(item);
  const item = (height) => ({before: [], after: [], height});
  const items = new Map(nodes.map((node) => [node, Object.assign(item(node.height), {node})]));
  for (const node of nodes) put(items.get(node), node.layer);
  for (const link of links) {
    let last = items.get(link.from);
    for (let layer = link.from.layer + 1; layer < link.to.layer; ++layer) {
      const between = item(0);
      put(between, layer);
      link.bends.push(between);
      join(last, between);
      last = between;
    }
    join(last, items.get(link.to));
  }
  for (const node of nodes) node.item = items.get(node);
  return Array.from(layers, (layer) => layer ?? []);
}

function join(from, to) {
  from.after.push(to);
  to.before.push(from);
}

// Each layer by the mean of its neighbours' ranks, from the left and back; the order with the fewest crossings is kept.
function orderLayers(layers) {
  const number = (layer) => layer.forEach((item, rank) => (item.rank = rank));
  layers.forEach(number);
  let best = {crossings: Infinity};
  for (let sweep = 0; sweep <= SWEEPS; ++sweep) {
    const crossings = countCrossings(layers);
    if (crossings < best.crossings) best = {crossings, ranks: layers.map((layer) => [...layer])};
    if (crossings === 0 || sweep === SWEEPS) break;
    const side = sweep % 2 === 0 ? 'before' : 'after';
    for (const layer of side === 'before' ? layers : [...layers].reverse()) {
      for (const item of layer) item.wish = mean(item[side].map((other) => other.rank)) ?? item.rank;
      layer.sort((a, b) => a.wish - b.wish || a.rank - b.rank);
      number(layer);
    }
  }
  best.ranks.forEach((layer, i) => {
    layers[i].splice(0, layer.length, ...layer);
    number(layers[i]);
  });
}

function mean(numbers) {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function countCrossings(layers) {
  let count = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((item) => item.after.map((next) => next.rank).sort((a, b) => a - b));
    for (let i = 1; i < ends.length; ++i) {
      for (let j = 0; j < i; ++j) count += ends[j] > ends[i] ? 1 : 0;
    }
  }
  return count;
}

function assignHeights(layers) {
  for (const layer of layers) {
    let y = 0;
    for (const item of layer) {
      item.y = y + item.height / 2;
      y += item.height + GAP_DOWN;
    }
  }
  for (let round = 0; round < 12; ++round) {
    const order = round % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) {
      for (const item of layer) item.wish = mean([...item.before, ...item.after].map((other) => other.y)) ?? item.y;
      settle(layer);
    }
  }
}

// The heights nearest to the wishes (least squares) that keep the order and the gaps: neighbours that would meet become
// a block, which stands where its members' wishes balance.
function settle(layer) {
  const blocks = [];
  let offset = 0;
  layer.forEach((item, i) => {
    if (i > 0) offset += (layer[i - 1].height + item.height) / 2 + GAP_DOWN;
    item.offset = offset;
    // A bend wants to be straight more than a node wants to be centred.
    const weight = item.node ? 1 : 3;
    blocks.push({weight, sum: weight * (item.wish - offset), items: [item]});
    while (blocks.length > 1 && meanOf(blocks.at(-2)) > meanOf(blocks.at(-1))) {
      const lower = blocks.pop();
      const upper = blocks.at(-1);
      upper.weight += lower.weight;
      upper.sum += lower.sum;
      upper.items.push(...lower.items);
    }
  });
  for (const block of blocks) for (const item of block.items) item.y = meanOf(block) + item.offset;
}

function meanOf(block) {
  return block.sum / block.weight;
}

function measure({nodes, links}, layers) {
  let x = 0;
  let top = Infinity;
  let bottom = -Infinity;
  for (const layer of layers) {
    const width = Math.max(0, ...layer.map((item) => item.node?.width ?? 0));
    for (const item of layer) {
      Object.assign(item, {x, width: item.node?.width ?? 0, layerWidth: width});
      top = Math.min(top, item.y - item.height / 2);
      bottom = Math.max(bottom, item.y + item.height / 2);
    }
    x += width + GAP_ACROSS;
  }
  const places = new Map(nodes.map(({id, width, height, item}) =>
    [id, {x: item.x, y: item.y - top - height / 2, width, height}]));
  const edges = links.map(({from, to, bends}) => ({
    from: from.id, to: to.id,
    points: [
      {x: from.item.x + from.width, y: from.item.y - top},
      ...bends.flatMap((item) => [{x: item.x, y: item.y - top}, {x: item.x + item.layerWidth, y: item.y - top}]),
      {x: to.item.x, y: to.item.y - top},
    ],
  }));
  return {places, edges, width: Math.max(0, x - GAP_ACROSS), height: Math.max(0, bottom - top)};
}
