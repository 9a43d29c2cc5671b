// The lineage as a picture that can be moved and zoomed. Nodes are links, so that the keyboard and the back button work.
import {svg} from './dom.js';
import {layOut} from './layout.js';
import {addressOf} from './routes.js';

const HEIGHT = 32;
const LONGEST = 36;  // letters of a label
const MARGIN = 24;

// `whole`: the wheel zooms; otherwise it scrolls the page that the picture stands in, and zooms with Ctrl.
export function drawGraph(project, ids, focus, {whole = false} = {}) {
  const things = ids.map((id) => project.things.get(id));
  const drawn = new Set(ids);
  const measureText = textMeasure();
  const nodes = things.map((thing) => ({id: thing.id, width: Math.ceil(measureText(labelOf(thing), thing === focus)) + 40, height: HEIGHT}));
  const links = things.flatMap((thing) => thing.dependsOn.filter((id) => drawn.has(id)).map((id) => [id, thing.id]));
  const layout = layOut(nodes, links);
  const lines = layout.edges.map((edge) => svg('path', {
    class: 'edge' + (edge.from === focus?.id || edge.to === focus?.id ? ' near' : ''), d: curve(edge.points),
  }));
  const boxes = things.map((thing) => box(thing, layout.places.get(thing.id), thing === focus));
  const scene = svg('g', {}, svg('g', {}, lines), svg('g', {}, boxes));
  const picture = svg('svg', {
    class: whole ? 'graph whole' : 'graph', role: 'group', tabindex: '0',
    'aria-label': focus ? `Lineage of ${focus.name}` : 'Lineage',
  }, scene);
  light(layout.edges, lines, boxes);
  return new View(picture, scene, layout, focus && layout.places.get(focus.id), whole);
}

function labelOf(thing) {
  return thing.name.length > LONGEST ? `${thing.name.slice(0, LONGEST - 1)}…` : thing.name;
}

function textMeasure() {
  const context = document.createElement('canvas').getContext('2d');
  const family = getComputedStyle(document.body).fontFamily;
  return (text, bold) => {
    context.font = `${bold ? 600 : 400} 13px ${family}`;
    return context.measureText(text).width;
  };
}

function box(thing, {x, y, width, height}, focused) {
  return svg('a', {
    href: addressOf(thing), class: `node kind-${thing.kind}${focused ? ' focus' : ''}`, 'data-id': thing.id,
    transform: `translate(${x},${y})`, 'aria-label': `${thing.kind} ${thing.name}`,
  },
  svg('title', {}, `${thing.id}${thing.materialized ? ` · ${thing.materialized}` : ''}`),
  svg('rect', {width, height, rx: 7}),
  svg('circle', {cx: 15, cy: height / 2, r: 5, fill: thing.color}),
  svg('text', {x: 28, y: height / 2 + 4.5}, labelOf(thing)));
}

function curve(points) {
  let d = `M${points[0].x},${points[0].y}`;
  for (let i = 1; i < points.length; ++i) {
    const [from, to] = [points[i - 1], points[i]];
    const middle = (from.x + to.x) / 2;
    d += from.y === to.y ? `L${to.x},${to.y}` : `C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
  }
  return d;
}

// What a node touches stands out while the pointer or the keyboard is on it.
function light(edges, lines, boxes) {
  const linesOf = new Map();
  edges.forEach((edge, i) => {
    for (const id of [edge.from, edge.to]) linesOf.set(id, [...(linesOf.get(id) ?? []), lines[i]]);
  });
  for (const each of boxes) {
    const mark = (on) => () => {
      for (const line of linesOf.get(each.dataset.id) ?? []) line.classList.toggle('lit', on);
    };
    for (const name of ['pointerenter', 'focus']) each.addEventListener(name, mark(true));
    for (const name of ['pointerleave', 'blur']) each.addEventListener(name, mark(false));
  }
}

// Moves and zooms. The scene's transform is all its state.
class View {
  constructor(picture, scene, layout, center, whole) {
    Object.assign(this, {picture, scene, layout, center, whole, scale: 1, x: 0, y: 0, pointers: new Map()});
    // It stays whole when the window changes, unless somebody moved it.
    new ResizeObserver(() => this.fitted && this.fit()).observe(picture);
    picture.addEventListener('wheel', (event) => this.wheel(event), {passive: false});
    picture.addEventListener('pointerdown', (event) => this.press(event));
    picture.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) {
      picture.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    // A drag that ends on a node is no click on it.
    picture.addEventListener('click', (event) => this.moved && event.preventDefault(), true);
    picture.addEventListener('keydown', (event) => this.key(event));
    picture.addEventListener('dragstart', (event) => event.preventDefault());
  }

  // To call once the picture is in the page. All of it if it can still be read so, else what is around the focus.
  fit() {
    const {width, height} = this.picture.getBoundingClientRect();
    const all = Math.min((width - 2 * MARGIN) / this.layout.width, (height - 2 * MARGIN) / this.layout.height, 1.2);
    this.scale = Math.max(all, this.whole || !this.center ? 0.55 : 0.7);
    if (all < this.scale && !this.center) this.scale = Math.max(all, 0.2);
    const inside = all >= this.scale;
    const middle = inside || !this.center
      ? {x: this.layout.width / 2, y: this.layout.height / 2}
      : {x: this.center.x + this.center.width / 2, y: this.center.y + this.center.height / 2};
    this.x = width / 2 - middle.x * this.scale;
    this.y = height / 2 - middle.y * this.scale;
    this.show();
    this.fitted = true;
  }

  // How high a picture of all of it would be, in pixels.
  height() {
    return this.layout.height + 2 * MARGIN;
  }

  show() {
    this.scene.setAttribute('transform', `translate(${this.x},${this.y}) scale(${this.scale})`);
  }

  zoom(factor, at = undefined) {
    const area = this.picture.getBoundingClientRect();
    const x = at ? at.x - area.left : area.width / 2;
    const y = at ? at.y - area.top : area.height / 2;
    const scale = Math.min(3, Math.max(0.05, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.show();
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.fitted = false;
    this.show();
  }

  wheel(event) {
    if (!this.whole && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.zoom(Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 400)), {x: event.clientX, y: event.clientY});
  }

  press(event) {
    if (event.button !== 0) return;
    if (this.pointers.size === 0) this.moved = false;
    this.pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    this.start = {x: event.clientX, y: event.clientY};
  }

  // One pointer moves the picture, two zoom it.
  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = {x: event.clientX, y: event.clientY};
    if (Math.hypot(now.x - this.start.x, now.y - this.start.y) > 4) this.moved = true;
    if (!this.moved) return;
    if (!this.picture.hasPointerCapture(event.pointerId)) this.picture.setPointerCapture(event.pointerId);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      this.zoom(apart(now) / Math.max(1, apart(last)), {x: (now.x + other.x) / 2, y: (now.y + other.y) / 2});
    } else {
      this.pan(now.x - last.x, now.y - last.y);
    }
    this.pointers.set(event.pointerId, now);
  }

  key(event) {
    const steps = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]};
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (steps[event.key]) this.pan(...steps[event.key]);
    else if (event.key === '+' || event.key === '=') this.zoom(1.25);
    else if (event.key === '-') this.zoom(0.8);
    else if (event.key === '0') this.fit();
    else return;
    event.preventDefault();
  }
}
