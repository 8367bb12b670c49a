// Before anything is drawn: the colours that were chosen here, if not the system's, and the size of the letters.
(function () {
  "use strict";
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("keban-theme");
    var size = localStorage.getItem("keban-size");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    if (/^[1-4]$/.test(size || "")) root.dataset.size = size;
  } catch (refused) {
    return; // no storage here: the system's colours, and letters of the usual size
  }
})();
