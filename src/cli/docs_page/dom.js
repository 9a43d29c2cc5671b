// Elements from values. What the project's authors wrote comes in as text and stays text: nothing here, or anywhere in
// the page, reads HTML out of a string.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// h('a', {href: '#/', onclick: …}, 'text', child, [more, children])
export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

export function copyButton(text, label = 'Copy') {
  const button = h('button', {class: 'copy', type: 'button'}, label);
  button.addEventListener('click', async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      done = copyBySelection(text());
    }
    button.textContent = done ? 'Copied' : 'Could not copy';
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

// Where the clipboard is closed to us: on a page that came over plain HTTP from another machine.
function copyBySelection(text) {
  const area = h('textarea', {class: 'off-screen'});
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
