// The phone: who holds it, what arrives, what a tap does.

import { ask, byId, face, made } from './api.js';
import * as chat from './chat.js';
import * as faults from './faults.js';
import * as menu from './menu.js';
import * as pay from './pay.js';
import { menuTap } from './text.js';
import * as scan from './scan.js';
import * as web from './web.js';

const HINTS = ['想学爬虫，零基础', '1', '买 1', '更多', '我的课程', '继续', '我的订单', '帮助'];
const WAIT_S = 20;
const KEPT = 'keban-sandbox-follower';

let account = { followers: [], service_url: '', menu: [] };
let me = null;
let round = 0; // grows when another follower takes the phone; what belongs to an older one is dropped

const content = byId('content');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function refresh() {
  account = await ask('GET', '/api/account');
  me = account.followers.find((follower) => follower.openid === me?.openid) ?? me;
  drawPeople();
  drawSubscription();
  menu.draw(account.menu, tapButton);
}

// ---- followers ----

const places = [['people', true], ['switch', false]]; // beside the phone on a desk, above it on a telephone

// A button stays the same element as long as its follower is there: a redraw must not take the focus, a tap
// that has begun, or the place the row was scrolled to.
function drawPeople() {
  for (const [id, large] of places) {
    const row = byId(id);
    const old = new Map([...row.children].map((button) => [button.dataset.openid, button]));
    const wanted = account.followers.map((follower) => old.get(follower.openid) ?? person(follower, large));
    const same = wanted.length === old.size && wanted.every((button, place) => button === row.children[place]);
    if (!same) row.replaceChildren(...wanted);
    account.followers.forEach((follower, place) => dress(wanted[place], follower));
  }
}

function person(follower, large) {
  const name = made('span', '', made('strong', '', follower.name), made('small'));
  const button = made('button', '', ...(large ? [face(follower), name] : [follower.name]));
  button.type = 'button';
  button.dataset.openid = follower.openid;
  button.addEventListener('click', () => become(account.followers.find((other) => other.openid === follower.openid)));
  return button;
}

function dress(button, follower) {
  button.setAttribute('aria-pressed', String(follower.openid === me?.openid));
  const note = button.querySelector('small');
  if (note) note.textContent = follower.subscribed ? '已关注' : '未关注';
}

function become(follower) {
  if (follower.openid === me?.openid) return;
  me = follower;
  localStorage.setItem(KEPT, me.openid);
  round += 1;
  pay.abandon();
  web.close();
  scan.close();
  chat.clear();
  byId('popover').hidden = true;
  byId('whoami').textContent = me.openid;
  drawPeople();
  byId('switch').querySelector('[aria-pressed="true"]').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  drawSubscription();
  listen(round);
}

function drawSubscription() {
  byId('card').hidden = Boolean(me?.subscribed);
  byId('foot').hidden = !me?.subscribed;
  byId('more').hidden = !me?.subscribed;
}

// ---- what arrives ----

async function listen(mine) {
  let after = 0;
  let seen = '';
  while (mine === round) {
    try {
      const query = new URLSearchParams({ after, seen, wait: seen ? WAIT_S : 0 });
      const news = await ask('GET', `/api/followers/${me.openid}/chat?${query}`);
      if (mine !== round) return;
      chat.draw(news.lines, { follower: me, old: after === 0, onTap: tapLink, onOpen: openUrl });
      after = news.lines.at(-1)?.seq ?? after;
      if (seen !== news.state) await refresh();
      seen = news.state;
    } catch {
      await pause(1500); // the sandbox is restarting; the chat is kept there
    }
  }
}

// ---- what a tap does ----

const send = (message) => ask('POST', '/api/messages', { openid: me.openid, ...message });

function say(text, more = {}) {
  if (text.trim()) send({ type: 'text', content: text, ...more });
}

function tapLink(href) {
  const tapped = menuTap(href);
  if (tapped) say(tapped.content, { bizmsgmenuid: tapped.id });
  else openUrl(href);
}

function openUrl(url) {
  const inside = url === account.service_url || url.startsWith(`${account.service_url}/`);
  if (inside) web.open(me.openid, url.slice(account.service_url.length) || '/');
  else web.outside(url);
}

function tapButton(button) {
  if (button.type === 'view') {
    send({ type: 'view', url: button.url });
    openUrl(button.url);
  } else {
    send({ type: button.type === 'click' ? 'click' : button.type, key: button.key });
  }
}

function grow() {
  content.style.height = 'auto';
  content.style.height = `${Math.max(40, Math.min(content.scrollHeight, 116))}px`;
  byId('send').disabled = !content.value.trim();
}

function submit() {
  say(content.value);
  content.value = '';
  grow();
}

byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
  content.focus();
});
content.addEventListener('input', grow);
content.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
byId('follow').addEventListener('click', () => send({ type: 'subscribe' }));
byId('unfollow').addEventListener('click', () => {
  byId('popover').hidden = true;
  send({ type: 'unsubscribe' });
});
byId('more').addEventListener('click', (event) => {
  event.stopPropagation();
  byId('popover').hidden = !byId('popover').hidden;
});
byId('scan').addEventListener('click', () => {
  byId('popover').hidden = true;
  scan.open({
    openid: me.openid,
    onPage: (path) => web.open(me.openid, path),
    onPay: (content) => pay.scan(me.openid, content, () => {}),
  });
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('#popover')) byId('popover').hidden = true;
  if (!event.target.closest('#menu')) menu.closeSubs();
});

// ---- what a page inside the phone asks for ----

window.addEventListener('message', (event) => {
  if (event.origin !== location.origin || !web.isFrame(event.source)) return;
  const asked = event.data ?? {};
  if (asked.kind === 'keban-page') web.named(asked.title, asked.href);
  if (asked.kind === 'keban-close') web.close();
  if (asked.kind === 'keban-card') web.shared(asked.card, account.service_url, me.openid);
  if (asked.kind === 'keban-pay') {
    const end = (outcome) => web.reply({ kind: 'keban-answer', id: asked.id, err_msg: `get_brand_wcpay_request:${outcome}` });
    pay.request(me.openid, asked.params, end);
  }
});

// ---- the desk beside the phone ----

byId('hints').replaceChildren(
  ...HINTS.map((text) => {
    const button = made('button', '', text);
    button.type = 'button';
    button.addEventListener('click', () => me?.subscribed && say(text));
    return button;
  }),
);
faults.draw();

function tick() {
  byId('clock').textContent = new Date().toLocaleTimeString('zh-CN', { hour: 'numeric', minute: '2-digit', hour12: false });
}
setInterval(tick, 10000);
tick();

await refresh();
const kept = localStorage.getItem(KEPT);
become(account.followers.find((follower) => follower.openid === kept) ?? account.followers[0]);
