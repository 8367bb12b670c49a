// Put into each page of the preview: tells where one is, and reloads when the preview says so.
(function () {
  "use strict";
  if (window.parent === window) return;
  window.parent.postMessage({ path: location.pathname + location.search }, "*");
  window.addEventListener("message", function (event) {
    if (event.source === window.parent && event.data === "reload") location.reload();
  });
})();
