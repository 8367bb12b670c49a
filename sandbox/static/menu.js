// The foot of the chat: the custom menu and the keyboard, one at a time.

import { byId, made } from './api.js';

const KEYBOARD =
  '<svg viewBox="0 0 24 24" width="26" height="26"><rect x="2.5" y="5.5" width="19" height="13" rx="2" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M6 9.200h1.500M9.5 9.200H11M13 9.200h1.500M16.5 9.200H18M6 12h1.500M9.5 12H11M13 12h1.500M16.5 12H18M8 15.200h8" stroke="currentColor" stroke-width="1.5"/></svg>';
const LIST =
  '<svg viewBox="0 0 24 24" width="25" height="25"><path d="M4 6.500h16M4 12h16M4 17.500h16" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>';

const nav = byId('menu');
const form = byId('say');
const toggle = byId('toggle');
let showMenu = true;
let has = false;

/** Draw the menu that the account pushed; onTap gets the button. */
export function draw(buttons, onTap) {
  has = buttons.length > 0;
  nav.replaceChildren(...buttons.map((button) => item(button, onTap)));
  arrange();
}

export function closeSubs() {
  nav.querySelectorAll('.open').forEach((open) => {
    open.classList.remove('open');
    open.querySelector('.sub')?.remove();
  });
}

function arrange() {
  toggle.hidden = !has;
  nav.hidden = !has || !showMenu;
  form.hidden = has && showMenu;
  toggle.innerHTML = showMenu ? KEYBOARD : LIST; // two drawings of our own, no text from outside
  toggle.setAttribute('aria-label', showMenu ? '切换到键盘' : '切换到菜单');
}

export function keyboard() {
  showMenu = false;
  arrange();
}

toggle.addEventListener('click', () => {
  showMenu = !showMenu;
  arrange();
  if (!showMenu) byId('content').focus();
});

function item(button, onTap) {
  const head = made('button', '', button.name);
  head.type = 'button';
  const box = made('div', button.sub_button.length ? 'foot-item has-sub' : 'foot-item', head);
  head.addEventListener('click', () => {
    const wasOpen = box.classList.contains('open');
    closeSubs();
    if (!button.sub_button.length) onTap(button);
    else if (!wasOpen) openSub(box, button, onTap);
  });
  return box;
}

function openSub(box, button, onTap) {
  const sub = made('div', 'sub');
  for (const child of button.sub_button) {
    const entry = made('button', '', child.name);
    entry.type = 'button';
    entry.addEventListener('click', () => {
      closeSubs();
      onTap(child);
    });
    sub.append(entry);
  }
  box.classList.add('open');
  box.append(sub);
}
