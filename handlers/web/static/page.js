// On every page: the switch of light and dark, and what to do without a network.
(function () {
  "use strict";
  var root = document.documentElement;
  var note = document.getElementById("offline");

  function kept(name, value) {
    try {
      if (value) localStorage.setItem(name, value);
      else localStorage.removeItem(name);
    } catch (refused) {
      return; // for this page only, then
    }
  }

  // Buttons with data-set="theme" or "size" and a value: the one that is on is pressed.
  function marked(buttons, setting, usual) {
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === (root.dataset[setting] || usual)));
    });
  }

  ["theme", "size"].forEach(function (setting) {
    var usual = setting === "theme" ? "" : "2";
    var buttons = Array.prototype.slice.call(document.querySelectorAll('[data-set="' + setting + '"]'));
    buttons.forEach(function (button) {
      button.addEventListener("click", function () {
        if (button.value === usual) delete root.dataset[setting];
        else root.dataset[setting] = button.value;
        kept("keban-" + setting, button.value === usual ? "" : button.value);
        marked(buttons, setting, usual);
      });
    });
    marked(buttons, setting, usual);
  });
  document.querySelectorAll("[data-scripted]").forEach(function (one) { one.hidden = false; });

  // A panel that is open closes by Esc and by a tap beside it.
  var panels = Array.prototype.slice.call(document.querySelectorAll("details[data-panel]"));
  document.addEventListener("click", function (event) {
    panels.forEach(function (panel) { if (panel.open && !panel.contains(event.target)) panel.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    panels.forEach(function (panel) {
      if (!panel.open) return;
      panel.open = false;
      panel.querySelector("summary").focus();
    });
  });

  // Without a network a tap would end on the browser's own error page: the text that is here stays instead.
  function tell() {
    note.textContent = navigator.onLine ? "" : note.dataset.text;
    note.hidden = navigator.onLine;
  }
  function stay(event) {
    if (navigator.onLine) return;
    event.preventDefault();
    tell();
  }
  document.addEventListener("submit", stay);
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (link && link.getAttribute("href")[0] !== "#") stay(event);
  });
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
})();
