// A message's text as nodes. Only <a href> is understood, as in WeChat; everything else stays text.

const ANCHOR = /<a\s([^<>]*)>([\s\S]*?)<\/a>/gi;
const HREF = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const BARE = /https?:\/\/[^\s<>"'，。！？；：、（）《》【】“”]+/g;
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&nbsp;': ' ' };

const decoded = (text) => text.replace(/&(?:amp|lt|gt|quot|nbsp|#39);/g, (entity) => ENTITIES[entity]);

function link(href, label, onTap) {
  const anchor = document.createElement('a');
  anchor.href = /^https?:/i.test(href) ? href : '#';
  anchor.textContent = label;
  anchor.addEventListener('click', (event) => {
    event.preventDefault();
    onTap(href);
  });
  return anchor;
}

function withBareLinks(text, onTap) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(BARE)) {
    nodes.push(text.slice(end, found.index), link(found[0], found[0], onTap));
    end = found.index + found[0].length;
  }
  return [...nodes, text.slice(end)];
}

/** Nodes and strings for Element.append; onTap gets the href. */
export function parsed(content, onTap) {
  const nodes = [];
  let end = 0;
  for (const found of content.matchAll(ANCHOR)) {
    const href = HREF.exec(found[1]);
    nodes.push(...withBareLinks(content.slice(end, found.index), onTap));
    nodes.push(href ? link(decoded(href[1] ?? href[2]), decoded(found[2]), onTap) : decoded(found[2]));
    end = found.index + found[0].length;
  }
  return [...nodes, ...withBareLinks(content.slice(end), onTap)];
}

/** {content, id} of weixin://bizmsgmenu?msgmenucontent=TEXT&msgmenuid=ID, else null. */
export function menuTap(href) {
  if (!href.startsWith('weixin://bizmsgmenu?')) return null;
  const query = new URLSearchParams(href.slice(href.indexOf('?') + 1));
  return { content: query.get('msgmenucontent') ?? '', id: query.get('msgmenuid') ?? '' };
}
