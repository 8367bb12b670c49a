// The login by a code: looks how far WeChat is, shows the digits, and goes in when it is confirmed.
(function () {
  "use strict";
  var box = document.getElementById("scan");
  if (!box) return;
  var says = box.dataset;
  var byId = function (name) { return document.getElementById(name); };
  var LOOK_MS = 1500;
  var MOST_LOOKS = 220; // a little more than the five minutes that a code lives

  function tell(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = !text;
  }

  function end(text) {
    byId("code").hidden = true;
    byId("digits").hidden = true;
    byId("how").hidden = true;
    byId("again").hidden = false;
    tell(text);
  }

  function scanned(digits) {
    byId("code").hidden = true;
    byId("how").textContent = says.scanned;
    byId("digits").textContent = digits;
    byId("digits").hidden = false;
  }

  function look(left) {
    if (left <= 0) return end(says.gone);
    var next = function () { window.setTimeout(look, LOOK_MS, left - 1); };
    if (document.hidden) return next();
    fetch("/login/qr/status", { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (ticket) {
        tell("");
        if (ticket.state === "confirmed") return byId("in").submit();
        if (ticket.state === "refused") return end(says.refused);
        if (ticket.state === "gone") return end(says.gone);
        if (ticket.state === "scanned") scanned(ticket.digits);
        next();
      })
      .catch(function () {
        tell(says.network);
        next();
      });
  }

  look(MOST_LOOKS);
})();
