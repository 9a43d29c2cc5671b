// Addresses within the page: '#/', '#/model.shop.orders', '#/model.shop.orders?column=amount',
// '#/model.shop.orders/lineage?up=2&down=1', '#/lineage'.

function safe(id) {
  return encodeURIComponent(id);
}

export function addressOf(thing, column = undefined) {
  return `#/${safe(thing.id)}${column ? `?column=${encodeURIComponent(column)}` : ''}`;
}

export function lineageAddress(thing, query = {}) {
  const words = new URLSearchParams(query).toString();
  return `#/${thing ? `${safe(thing.id)}/` : ''}lineage${words ? `?${words}` : ''}`;
}

// {id, lineage, query}; a malformed address is the overview's.
export function readAddress(hash) {
  const [path = '', words = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const query = new URLSearchParams(words);
  const [first = '', second] = path.split('/');
  if (first === 'lineage' && second === undefined) return {id: '', lineage: true, query};
  try {
    return {id: decodeURIComponent(first), lineage: second === 'lineage', query};
  } catch {
    return {id: '', lineage: false, query};
  }
}
