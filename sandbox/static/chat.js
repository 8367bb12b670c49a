// The lines of the chat: bubbles, time stamps, articles.

import { byId, face, made } from './api.js';
import { parsed } from './text.js';

const GAP_MS = 5 * 60 * 1000;
const lines = byId('lines');
let lastAt = 0;

export function clear() {
  lines.replaceChildren();
  lastAt = 0;
}

export function toEnd() {
  lines.scrollTop = lines.scrollHeight;
}

// The foot grows and shrinks under the chat: who was reading the end stays there.
let height = lines.clientHeight;
new ResizeObserver(() => {
  const before = lines.scrollHeight - lines.scrollTop - height;
  height = lines.clientHeight;
  if (before < 80) toEnd();
}).observe(lines);

/** Draw what came; `old` lines stand there at once, new ones rise. */
export function draw(entries, { follower, old, onTap, onOpen }) {
  for (const entry of entries) {
    stamp(entry);
    const drawn = one(entry, follower, onTap, onOpen);
    if (old) drawn.classList.add('old');
    lines.append(drawn);
  }
  if (entries.length) toEnd();
}

function stamp(entry) {
  const at = new Date(entry.at);
  if (at - lastAt > GAP_MS) lines.append(made('li', 'time', shownTime(at)));
  lastAt = at;
}

function shownTime(at) {
  const clock = at.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86400000);
  if (days === 0) return clock;
  if (days === 1) return `昨天 ${clock}`;
  return `${at.getMonth() + 1}月${at.getDate()}日 ${clock}`;
}

const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate());

function one(entry, follower, onTap, onOpen) {
  if (entry.side === 'system') return made('li', 'notice', entry.content);
  const mine = entry.side === 'follower';
  const picture = mine ? face(follower) : made('span', 'face face-account');
  const body = entry.articles ? articles(entry.articles, onOpen) : bubble(entry, mine, onTap);
  const line = made('li', mine ? 'line mine' : 'line', picture, body);
  line.dataset.seq = entry.seq;
  line.dataset.via = entry.via ?? '';
  return line;
}

function bubble(entry, mine, onTap) {
  return made('div', 'bubble', ...(mine ? [entry.content] : parsed(entry.content, onTap)));
}

function articles(list, onOpen) {
  const box = made('div', 'article');
  for (const article of list) {
    const button = made('button', '', made('strong', '', article.title), made('span', '', article.description));
    button.type = 'button';
    button.addEventListener('click', () => onOpen(article.url));
    box.append(button);
  }
  return box;
}
