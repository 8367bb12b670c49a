// One browser outside of WeChat. Its cookies are kept by the sandbox, under a name that this window keeps.

const screen = document.getElementById('screen');
const page = document.getElementById('page');
const where = document.getElementById('where');
const KEPT = `keban-sandbox-${screen.dataset.kind}`;
const name = localStorage.getItem(KEPT) ?? `b${Math.random().toString(36).slice(2, 10)}`;
const prefix = `/${screen.dataset.kind}/${name}`;
localStorage.setItem(KEPT, name);

function open(address) {
  const path = address.startsWith(screen.dataset.service) ? address.slice(screen.dataset.service.length) : address;
  page.src = prefix + (path.startsWith('/') ? path : `/${path}`);
}

page.addEventListener('load', () => {
  try {
    const { pathname, search } = page.contentWindow.location;
    where.value = (pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname) + search;
    document.title = page.contentDocument.title;
  } catch {
    where.value = '';
  }
});
document.getElementById('back').addEventListener('click', () => page.contentWindow.history.back());
document.getElementById('address').addEventListener('submit', (event) => {
  event.preventDefault();
  open(where.value);
});
open(where.value);
