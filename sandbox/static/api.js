// The sandbox's script interface, from the phone's page.

export async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  return answer.json();
}

export const byId = (id) => document.getElementById(id);

/** An element with a class, text and children. */
export function made(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

const COLOURS = ['#f0883a', '#5b8def', '#b26ad3', '#2aa876', '#d9534f', '#4a6572'];

/** A follower's picture: the last character of the name on a colour of their own. */
export function face(follower) {
  const box = made('span', 'face', [...follower.name].at(-1) ?? '');
  const sum = [...follower.name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  box.style.background = COLOURS[sum % COLOURS.length];
  box.setAttribute('aria-hidden', 'true');
  return box;
}
