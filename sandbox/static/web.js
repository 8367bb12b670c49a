// WeChat's browser: a frame on /phone/{openid}/…, with its own way back.

import { byId, made } from './api.js';

const panel = byId('web');
const holder = byId('web-frame');
const title = byId('web-title');
const progress = byId('web-progress');
let frame = null;
let trail = [];

/** Open a path of the service as this follower. */
export function open(openid, path) {
  frame = document.createElement('iframe');
  frame.title = '网页';
  frame.addEventListener('load', arrived);
  show('载入中…');
  busy(true);
  frame.src = `/phone/${openid}${path}`;
  holder.replaceChildren(frame);
}

/** An address that is not the service's: shown, not opened. */
export function outside(url) {
  const anchor = made('a', '', url);
  anchor.href = url;
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  frame = null;
  show('外部网页');
  holder.replaceChildren(made('div', 'outside', made('p', '', '沙盒里的手机只打开本服务的网页。'), anchor));
}

export const isFrame = (source) => frame !== null && source === frame.contentWindow;

export const reply = (message) => frame?.contentWindow?.postMessage(message, location.origin);

export function close() {
  if (panel.hidden) return;
  panel.classList.add('leaving');
  setTimeout(() => {
    panel.hidden = true;
    panel.classList.remove('leaving');
    holder.replaceChildren();
    frame = null;
  }, 200);
}

/** A page said who it is, before all its pictures are there. */
export function named(text, href) {
  title.textContent = text || '网页';
  note(href);
}

/** The card that the page wants to be forwarded as; shown by a button, gone with the page. */
export function shared(card, service, openid) {
  const picture = made('img');
  picture.alt = '';
  const address = String(card.imgUrl);
  picture.src = address.startsWith(`${service}/`) ? `/phone/${openid}${address.slice(service.length)}` : address;
  byId('web-card').replaceChildren(made('b', '', card.title), made('p', '', card.desc), picture);
  byId('web-share').hidden = false;
  byId('web-foot').hidden = false;
}

function noCard() {
  byId('web-card').hidden = true;
  byId('web-share').hidden = true;
  byId('web-share').setAttribute('aria-expanded', 'false');
}

function show(text) {
  trail = [];
  noCard();
  title.textContent = text;
  byId('web-foot').hidden = true;
  panel.classList.remove('leaving');
  panel.hidden = false;
}

function arrived() {
  busy(false);
  try {
    named(frame.contentDocument.title, frame.contentWindow.location.href);
  } catch {
    title.textContent = '外部网页'; // another origin: its title is not ours to read
  }
}

/** Keep the way that was walked; a step to the last page but one is a step back. */
function note(href) {
  if (!href || href === 'about:blank' || href === trail.at(-1)) return;
  noCard();
  if (href === trail.at(-2)) trail.pop();
  else trail.push(href);
  byId('web-foot').hidden = trail.length < 2;
}

function busy(is) {
  progress.classList.toggle('busy', is);
}

byId('web-close').addEventListener('click', close);
byId('web-again').addEventListener('click', () => {
  busy(true);
  frame?.contentWindow.location.reload();
});
byId('web-back').addEventListener('click', () => {
  if (trail.length < 2) return close();
  busy(true);
  return frame?.contentWindow.location.replace(trail.at(-2));
});
byId('web-share').addEventListener('click', () => {
  const card = byId('web-card');
  card.hidden = !card.hidden;
  byId('web-share').setAttribute('aria-expanded', String(!card.hidden));
});
