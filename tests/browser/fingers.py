"""What on a page is smaller than the finger that is to hit it."""

from __future__ import annotations

from playwright.sync_api import Page

FINGER_PX = 44  # https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced
# A link within a sentence is as high as its line; a box with its label is as large as the label.
_LOOK = """finger => {
  const seen = one => one.checkVisibility({ visibilityProperty: true }) && one.offsetWidth > 1;
  const inSentence = one => getComputedStyle(one).display === "inline"
    && one.parentElement.textContent.trim().length > one.textContent.trim().length;
  const isOfNote = one => one.closest(".footnote-ref, .footnote-backref, .skip") || one.disabled;
  const reach = (one, x, y, dx, dy) => {
    const mine = step => {
      const hit = document.elementFromPoint(x + dx * step, y + dy * step);
      return hit && (one.contains(hit) || (one.labels && [...one.labels].some(label => label.contains(hit))));
    };
    let steps = 0;
    while (steps < finger && mine(steps + 1)) steps += 1;
    return steps;
  };
  const above = document.querySelector("dialog[open], details[data-panel][open]") || document;
  return [...above.querySelectorAll("a[href], button, summary, input:not([type=hidden])")]
    .filter(one => seen(one) && !inSentence(one) && !isOfNote(one))
    .map(one => {
      one.scrollIntoView({ block: "center", inline: "center" });
      const box = one.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
      const width = reach(one, x, y, -1, 0) + reach(one, x, y, 1, 0) + 1;
      const height = reach(one, x, y, 0, -1) + reach(one, x, y, 0, 1) + 1;
      return { name: `${one.tagName} ${one.className} ${one.textContent.trim()}`, width, height };
    })
    .filter(one => one.width < finger || one.height < finger)
    .map(one => `${one.name}: ${one.width} x ${one.height}`);
}"""


def too_small(page: Page) -> list[str]:
    """What can be tapped, with the size in which it can be hit."""
    found: list[str] = page.evaluate(_LOOK, FINGER_PX)
    return found
