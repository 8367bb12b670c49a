// Keeps both frames at the same page, reloads them after a save, and shows what the check found.
(function () {
  "use strict";
  var body = document.body;
  var byId = function (name) { return document.getElementById(name); };
  var frames = [byId("phone"), byId("desktop")];
  var path = body.dataset.start;
  var trail = [];
  var DESKTOP_PX = 1200;

  function origin() { return body.dataset[body.dataset.who]; }

  function go(frame) { frame.src = origin() + path; }

  function show(next) {
    path = next;
    byId("where").textContent = path;
  }

  function reload() {
    frames.forEach(function (frame) { frame.contentWindow.postMessage("reload", origin()); });
  }

  // The desktop's frame is as wide as a desktop, and made smaller to fit.
  function fit() {
    var frame = byId("desktop"), box = frame.parentNode;
    var share = Math.min(1, box.clientWidth / DESKTOP_PX);
    if (!share) return;
    frame.style.transformOrigin = "0 0";
    frame.style.transform = "scale(" + share + ")";
    box.style.height = frame.offsetHeight * share + "px";
  }

  window.addEventListener("message", function (event) {
    if (event.origin !== origin() || typeof event.data !== "object" || !event.data.path) return;
    if (event.data.path === path) return;
    trail.push(path);
    show(event.data.path);
    frames.forEach(function (frame) { if (frame.contentWindow !== event.source) go(frame); });
  });

  byId("back").addEventListener("click", function () {
    if (!trail.length) return;
    show(trail.pop());
    frames.forEach(go);
  });

  function choose(name, value) {
    body.dataset[name] = value;
    document.querySelectorAll("[data-set-" + name + "]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-set-" + name) === value));
    });
  }

  document.querySelectorAll("[data-set-who]").forEach(function (button) {
    button.addEventListener("click", function () { choose("who", button.dataset.setWho); frames.forEach(go); });
  });
  document.querySelectorAll("[data-set-size]").forEach(function (button) {
    button.addEventListener("click", function () { choose("size", button.dataset.setSize); fit(); });
  });
  window.addEventListener("resize", fit);

  function item(problem) {
    var place = problem.path + ":" + problem.line;
    var li = document.createElement("li"), button = document.createElement("button");
    li.className = problem.severity;
    button.type = "button";
    [["code", place], ["span", problem.message], ["small", problem.hint && "→ " + problem.hint]].forEach(function (part) {
      if (!part[1]) return;
      var element = document.createElement(part[0]);
      element.textContent = part[1];
      button.append(element);
    });
    button.addEventListener("click", function () {
      var text = problem.file + ":" + problem.line;
      var done = function () { byId("copied").textContent = "已复制 " + text; };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, done); else done();
    });
    li.append(button);
    return li;
  }

  function list(problems) {
    byId("count").textContent = problems.length ? "（" + problems.length + "）" : "";
    byId("copied").textContent = "";
    var none = document.createElement("li");
    none.className = "none";
    none.textContent = "没有要改的。";
    byId("problems").replaceChildren.apply(byId("problems"), problems.length ? problems.map(item) : [none]);
  }

  var known = null;
  var events = new EventSource("/events");
  events.onmessage = function (event) {
    var news = JSON.parse(event.data);
    list(news.problems);
    if (known !== null && known !== news.version) reload();
    known = news.version;
    byId("state").textContent = "已是最新";
  };
  events.onerror = function () { byId("state").textContent = "预览停了？正在重新连接……"; };

  show(path);
  frames.forEach(go);
  fit();
})();
