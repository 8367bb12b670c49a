// 扫一扫: this phone has no camera, so it is told which codes stand on the other screens; or one types what a code says.

import { ask, byId, made } from './api.js';

const panel = byId('scanner');
const list = byId('scanner-codes');
const note = byId('scanner-note');
let holder = null;

/** For one follower: `onPage` gets a path of the service, `onPay` a code to pay. */
export async function open(follower) {
  holder = follower;
  note.textContent = '';
  byId('scanner-text').value = '';
  panel.hidden = false;
  byId('scanner-text').focus();
  const { codes } = await ask('GET', '/api/codes');
  list.replaceChildren(...codes.map(entry));
  if (!codes.length) note.textContent = '别的屏幕上还没有码。';
}

export function close() {
  panel.hidden = true;
  holder = null;
}

function entry(content) {
  const button = made('button', '', content.startsWith('weixin://') ? '付款码' : '登录码', made('small', '', content));
  button.type = 'button';
  button.addEventListener('click', () => scanned(content));
  return made('li', '', button);
}

async function scanned(content) {
  if (!holder || !content.trim()) return;
  const follower = holder;
  const answer = await ask('POST', '/api/scans', { openid: follower.openid, content });
  if (answer.error) {
    note.textContent = answer.error;
    return;
  }
  close();
  if (answer.kind === 'pay') follower.onPay(content);
  else follower.onPage(answer.path);
}

byId('scanner-close').addEventListener('click', close);
byId('scanner-form').addEventListener('submit', (event) => {
  event.preventDefault();
  scanned(byId('scanner-text').value);
});
