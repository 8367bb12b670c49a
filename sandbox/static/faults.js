// Switches for the platform's bad days, on the desk beside the phone.

import { ask, byId, made } from './api.js';

const SWITCHES = [
  ['drop', '支付通知丢了'],
  ['duplicate', '支付通知来两次'],
  ['lie_amount', '通知谎报金额'],
  ['wrong_key', '通知签名不对'],
  ['refuse', '银行拒付'],
  ['message_drop_answer', '回复丢在路上'],
  ['prepay_error', '下单失败'],
  ['token_invalid', '令牌失效'],
];

// Made once: a redraw every few seconds must not take the focus from a button.
const buttons = new Map(SWITCHES.map(([name, label]) => [name, button(name, label)]));
byId('faults').replaceChildren(...buttons.values());

export async function draw() {
  const { faults } = await ask('GET', '/api/faults');
  buttons.forEach((entry, name) => entry.setAttribute('aria-pressed', String(Boolean(faults[name]))));
  const others = Object.keys(faults).filter((name) => !buttons.has(name));
  byId('fault-note').textContent = others.length ? `另外还开着：${others.join('、')}` : '';
}

function button(name, label) {
  const entry = made('button', '', label);
  entry.type = 'button';
  entry.title = name;
  entry.addEventListener('click', () => flip(name));
  return entry;
}

async function flip(name) {
  const { faults } = await ask('GET', '/api/faults');
  const { [name]: was, ...rest } = faults;
  await ask('PUT', '/api/faults', was ? rest : { ...rest, [name]: 1 });
  await draw();
}

setInterval(() => document.hidden || draw(), 4000);
