// A picture of the text, large: a tap or Esc closes it, two fingers or a double tap bring it nearer.
(function () {
  "use strict";
  var lesson = document.getElementById("lesson");
  if (!lesson || !window.HTMLDialogElement) return;
  var says = lesson.dataset;
  var MOST_NEAR = 5;
  var NEARER = 2.5;
  var DOUBLE_MS = 280;
  var STILL_PX = 8;
  var stage, image, view, fingers, moved, waiting;

  function far() { return { scale: 1, x: 0, y: 0 }; }

  function show() {
    image.style.transform = "translate(" + view.x + "px," + view.y + "px) scale(" + view.scale + ")";
  }

  // The point (x, y) of the screen stays where it is.
  function zoom(scale, x, y) {
    var wanted = Math.min(MOST_NEAR, Math.max(1, scale));
    var by = wanted / view.scale;
    view = wanted === 1 ? far() : { scale: wanted, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
    show();
  }

  function spread(points) {
    return Math.hypot(points[0].clientX - points[1].clientX, points[0].clientY - points[1].clientY);
  }

  function all() { return Object.keys(fingers).map(function (id) { return fingers[id]; }); }

  function down(event) {
    fingers[event.pointerId] = event;
    if (all().length === 1) moved = 0;
    image.setPointerCapture(event.pointerId);
  }

  function move(event) {
    var before = fingers[event.pointerId];
    if (!before) return;
    var pair = all();
    fingers[event.pointerId] = event;
    moved += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
    if (pair.length === 2) {
      var now = all();
      var x = (now[0].clientX + now[1].clientX) / 2;
      zoom(view.scale * spread(now) / Math.max(1, spread(pair)), x, (now[0].clientY + now[1].clientY) / 2);
    } else if (view.scale > 1) {
      view.x += event.clientX - before.clientX;
      view.y += event.clientY - before.clientY;
      show();
    }
  }

  function up(event) {
    delete fingers[event.pointerId];
    if (event.type === "pointercancel" || moved > STILL_PX || all().length) return;
    if (waiting) {
      clearTimeout(waiting);
      waiting = 0;
      return zoom(view.scale > 1 ? 1 : NEARER, event.clientX, event.clientY);
    }
    waiting = setTimeout(function () { waiting = 0; stage.close(); }, DOUBLE_MS);
  }

  function open(picture) {
    stage = document.createElement("dialog");
    stage.className = "stage";
    stage.setAttribute("aria-label", picture.alt || says.image);
    image = new Image();
    image.alt = picture.alt;
    image.src = picture.currentSrc || picture.src;
    image.draggable = false;
    var close = document.createElement("button");
    close.type = "button";
    close.textContent = "\u00d7";
    close.setAttribute("aria-label", says.close);
    close.addEventListener("click", function () { stage.close(); });
    stage.append(close, image);
    view = far();
    fingers = {};
    waiting = 0;
    image.addEventListener("pointerdown", down);
    image.addEventListener("pointermove", move);
    image.addEventListener("pointerup", up);
    image.addEventListener("pointercancel", up);
    stage.addEventListener("wheel", function (event) {
      event.preventDefault();
      zoom(view.scale * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX, event.clientY);
    }, { passive: false });
    stage.addEventListener("close", function () {
      clearTimeout(waiting);
      stage.remove();
      picture.focus({ preventScroll: true });
    });
    document.body.appendChild(stage);
    stage.showModal();
  }

  Array.prototype.forEach.call(lesson.querySelectorAll("img"), function (picture) {
    if (picture.closest("a")) return; // it leads somewhere already
    picture.tabIndex = 0;
    picture.setAttribute("role", "button");
    picture.setAttribute("aria-label", [says.open, picture.alt].filter(Boolean).join(" "));
    picture.addEventListener("click", function () { open(picture); });
    picture.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(picture);
    });
  });
})();
