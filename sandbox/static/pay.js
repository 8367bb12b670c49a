// WeChat Pay's sheet. The sandbox checks the parameters before anything is shown.

import { ask, byId } from './api.js';

const panel = byId('pay');
const sheetBox = byId('pay-sheet');
const doneBox = byId('pay-done');
const confirm = byId('pay-confirm');
let current = null;

const yuan = (fen) => `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

/** Show the sheet for getBrandWCPayRequest's parameters; onEnd gets "ok", "cancel" or "fail". */
export const request = (openid, params, onEnd) => show('/api/sheets', { openid, params }, onEnd);

/** Show the sheet for a code that this follower has scanned. */
export const scan = (openid, content, onEnd) => show('/api/scans', { openid, content }, onEnd);

async function show(path, body, onEnd) {
  if (current) return;
  current = { path, body, onEnd };
  const answer = await asked(path);
  if (!answer.ok) return refuse(answer.message);
  byId('pay-merchant').textContent = byId('done-merchant').textContent = answer.sheet.merchant;
  byId('pay-total').textContent = byId('done-total').textContent = yuan(answer.sheet.total_fen);
  byId('pay-what').textContent = answer.sheet.description;
  confirm.disabled = false;
  sheetBox.hidden = false;
  doneBox.hidden = true;
  panel.hidden = false;
  confirm.focus();
}

async function asked(path) {
  try {
    return await ask('POST', path, current.body);
  } catch {
    return { ok: false, message: '网络不给力，请稍后再试' };
  }
}

/** Another follower takes the phone: what was open is cancelled. */
export function abandon() {
  byId('dialog').hidden = true;
  if (current) end('cancel');
}

function end(outcome) {
  const { onEnd } = current;
  panel.hidden = true;
  current = null;
  onEnd(outcome);
}

function refuse(text) {
  byId('dialog-text').textContent = text;
  byId('dialog').hidden = false;
  byId('dialog-ok').focus();
}

confirm.addEventListener('click', async () => {
  confirm.disabled = true; // one tap is one payment
  const answer = await asked(`${current.path}/pay`);
  if (!answer.ok) return refuse(answer.message);
  sheetBox.hidden = true;
  doneBox.hidden = false;
  byId('pay-finish').focus();
});
byId('pay-close').addEventListener('click', () => end('cancel'));
byId('pay-finish').addEventListener('click', () => end('ok'));
byId('dialog-ok').addEventListener('click', () => {
  byId('dialog').hidden = true;
  if (current) end('fail');
});
