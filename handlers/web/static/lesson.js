// A lesson: how far it is read, the way back to where one stopped, copying code, films on tap.
(function () {
  "use strict";
  var lesson = document.getElementById("lesson");
  if (!lesson) return;
  var says = lesson.dataset;
  var KEPT = "keban-places";
  var MOST_PLACES = 100;
  var FAR_ENOUGH = 1.5; // screens: less is found again by a flick
  var COPIED_MS = 1600;

  function each(selector, act) {
    Array.prototype.forEach.call(lesson.querySelectorAll(selector), act);
  }

  // Where reading stopped: the block at the top of the screen, so that it holds in letters of any size.

  var here = location.pathname;
  var blocks = Array.prototype.slice.call(lesson.children);
  var line = document.getElementById("line");

  function places() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) || {};
    } catch (broken) {
      return {};
    }
  }

  function keep(place) {
    var all = places();
    if (place) all[here] = place;
    else delete all[here];
    var names = Object.keys(all).sort(function (one, other) { return all[other].at - all[one].at; });
    names.slice(MOST_PLACES).forEach(function (name) { delete all[name]; });
    try {
      localStorage.setItem(KEPT, JSON.stringify(all));
    } catch (refused) {
      return; // no storage here: one begins at the top
    }
  }

  function share() {
    var end = lesson.offsetTop + lesson.offsetHeight - innerHeight;
    return end <= 0 ? 1 : Math.min(1, Math.max(0, scrollY / end));
  }

  function topmost() {
    for (var at = 0; at < blocks.length; at += 1) if (blocks[at].getBoundingClientRect().bottom > 60) return at;
    return blocks.length - 1;
  }

  var due = 0;
  function moved() {
    line.style.transform = "scaleX(" + share() + ")";
    if (due) return;
    due = setTimeout(note, 400);
  }

  function note() {
    clearTimeout(due);
    due = 0;
    if (share() > 0.97) return keep(null);
    if (scrollY > innerHeight * FAR_ENOUGH) keep({ block: topmost(), of: blocks.length, at: Date.now() });
  }

  function offer() {
    var place = places()[here];
    var chip = document.getElementById("resume");
    // A lesson that was rewritten since has other blocks; who follows a link into the page goes there.
    if (!place || place.of !== blocks.length || location.hash || scrollY > 0) return;
    chip.hidden = false;
    chip.firstElementChild.addEventListener("click", function () {
      blocks[place.block].scrollIntoView({ block: "start" });
      chip.hidden = true;
    });
    addEventListener("scroll", function gone() {
      if (scrollY < innerHeight) return;
      chip.hidden = true;
      removeEventListener("scroll", gone);
    }, { passive: true });
  }

  addEventListener("scroll", moved, { passive: true });
  addEventListener("pagehide", note);
  offer();
  moved();

  // The outline opens at this lesson.
  Array.prototype.forEach.call(document.querySelectorAll(".drawer"), function (drawer) {
    drawer.addEventListener("toggle", function () {
      var now = drawer.open && drawer.querySelector("[aria-current]");
      if (now) now.parentNode.parentNode.parentNode.scrollTop = now.offsetTop - 120;
    });
  });

  // Code

  function copy(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "sr";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  each(".highlight", function (block) {
    var code = block.querySelector("pre code") || block.querySelector("pre");
    if (!code) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = says.copy;
    button.addEventListener("click", function () {
      copy(code.textContent).then(function () {
        button.textContent = says.copied;
        setTimeout(function () { button.textContent = says.copy; }, COPIED_MS);
      }, function () {
        getSelection().selectAllChildren(code); // to be copied by hand
      });
    });
    block.appendChild(button);
  });

  // What scrolls inside itself can be reached by the keyboard.
  each("pre, table, .formula, .diagram-box", function (box) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });

  // A film is asked from its host only when somebody wants to see it.
  each("a[data-vid]", function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      var film = document.createElement("iframe");
      film.className = "film";
      film.title = link.textContent.trim();
      film.allowFullscreen = true;
      film.src = "https://v.qq.com/txp/iframe/player.html?vid=" + encodeURIComponent(link.dataset.vid);
      link.replaceWith(film);
    });
  });
})();
