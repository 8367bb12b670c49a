// The pay page. In WeChat it hands the signed fields to WeChat's sheet; on another screen it shows the code that
// WeChat scans; in a phone's browser it notices the way back. Then it asks until the order is paid.
(function () {
  "use strict";
  var box = document.getElementById("checkout");
  var notice = document.getElementById("notice");
  if (!box || !notice) return;
  var base = "/pay/" + encodeURIComponent(box.dataset.order);
  // What a follower reads comes with the page, from the file of sentences.
  var says = box.dataset;
  var BRIDGE_WAIT_MS = 3000;
  var POLL_MS = 1000;
  var MAX_POLLS = 30;
  var WATCH_MS = 2000; // while the code is shown
  var WATCH_SLOWLY_MS = 6000;
  var QUICK_WATCHES = 150;
  var MAX_WATCHES = 2000; // more than the two hours that an order lives
  var SMALL_PX = 600;

  function tell(text, isCalm) {
    notice.textContent = text;
    notice.hidden = !text;
    notice.classList.toggle("calm", Boolean(isCalm));
  }

  function json(path, options) {
    return fetch(base + path, options || { headers: { Accept: "application/json" } });
  }

  // What only the browser itself knows. Another way than the server's is chosen once, never in a circle.
  function wayHere() {
    if (/MicroMessenger/i.test(navigator.userAgent)) return "jsapi";
    var small = Math.min(screen.width, screen.height) < SMALL_PX;
    if (small && window.matchMedia("(pointer: coarse)").matches) return "h5";
    return says.way === "jsapi" ? "native" : says.way;
  }

  if (location.search.indexOf("way=") < 0 && says.way && wayHere() !== says.way) {
    location.replace(base + "?way=" + wayHere());
    return;
  }

  // Asking after a payment: for half a minute, with the button busy.

  // `after`: what is told when nothing was heard in that time, the button's label from then on, and the notice
  // whose place the text takes.
  function asking(button, after) {
    var label = button.textContent;
    var watched = false;

    function busy(text) {
      button.disabled = true;
      button.textContent = text;
    }

    function ready(text) {
      button.disabled = false;
      button.textContent = label;
      if (text !== undefined) tell(text);
    }

    function unheard() {
      label = after.label || label;
      ready();
      if (after.instead) after.instead.hidden = true;
      tell(after.text, true);
      if (!watched) watch(1);
      watched = true;
    }

    function ask(left) {
      busy(says.confirming);
      // The first answers come from our own books; later ones also ask WeChat Pay, in case its message was lost.
      json("/status" + (left < MAX_POLLS - 2 ? "?ask=1" : ""))
        .then(function (answer) { return answer.json(); })
        .then(function (state) {
          if (state.paid || state.code === "LOGIN" || state.payable === false) return location.reload();
          if (left > 0) return window.setTimeout(ask, POLL_MS, left - 1);
          unheard();
        })
        .catch(function () {
          if (left > 0) return window.setTimeout(ask, POLL_MS * 2, left - 1);
          ready(says.lookLater);
        });
    }

    return { busy: busy, ready: ready, ask: function () { tell(""); ask(MAX_POLLS); } };
  }

  // Inside WeChat

  function bridge(use, without) {
    if (window.WeixinJSBridge) return use(window.WeixinJSBridge);
    var late = window.setTimeout(function () {
      document.removeEventListener("WeixinJSBridgeReady", found);
      without();
    }, BRIDGE_WAIT_MS);
    function found() {
      window.clearTimeout(late);
      use(window.WeixinJSBridge);
    }
    document.addEventListener("WeixinJSBridgeReady", found, { once: true });
  }

  function payInWechat(button) {
    // Who has paid by WeChat's word must not find the same button as before: it would have them pay again.
    var confirm = asking(button, { text: says.onItsWay, label: says.askAgain });
    var isPaid = false; // as far as WeChat's sheet goes
    button.addEventListener("click", function () {
      if (isPaid) return confirm.ask();
      tell("");
      confirm.busy(says.opening);
      json("/prepay", { method: "POST", headers: { Accept: "application/json" } })
        .then(function (answer) {
          return answer.json().then(function (body) { return { status: answer.status, body: body }; });
        })
        .then(function (got) {
          if (got.status === 401 || got.body.code === "AlreadyPaid") return location.reload();
          if (got.status !== 200) return confirm.ready(got.body.message || says.failed);
          bridge(function (weixin) {
            weixin.invoke("getBrandWCPayRequest", got.body, function (result) {
              isPaid = result.err_msg === "get_brand_wcpay_request:ok";
              if (isPaid) return confirm.ask();
              confirm.ready(result.err_msg === "get_brand_wcpay_request:cancel" ? says.cancelled : says.unpaid);
            });
          }, function () { confirm.ready(says.outside); });
        })
        .catch(function () { confirm.ready(says.tapAgain); });
    });
  }

  // On another screen

  function showCode(frame, again) {
    function shown(answer, text) {
      if (answer.status === 200) {
        var picture = new Image();
        picture.alt = document.querySelector(".code b").textContent;
        picture.src = "data:image/svg+xml," + encodeURIComponent(text);
        frame.replaceChildren(picture);
        return;
      }
      var body = JSON.parse(text);
      if (body.code === "LOGIN" || body.code === "AlreadyPaid" || body.code === "OrderClosed") return location.reload();
      failed(body.message);
    }

    function failed(text) {
      frame.parentNode.hidden = true;
      again.hidden = false;
      tell(text || says.failed);
    }

    function fetchCode() {
      tell("");
      again.hidden = true;
      frame.parentNode.hidden = false;
      frame.textContent = says.coming;
      json("/qr.svg")
        .then(function (answer) { return answer.text().then(function (text) { shown(answer, text); }); })
        .catch(function () { failed(says.tapAgain); });
    }

    again.addEventListener("click", fetchCode);
    fetchCode();
    watch(1);
  }

  // Nobody taps anything here when the phone has paid, so the page looks by itself as long as the order lives.
  function watch(count) {
    if (count > MAX_WATCHES) return;
    var next = function () { window.setTimeout(watch, count < QUICK_WATCHES ? WATCH_MS : WATCH_SLOWLY_MS, count + 1); };
    if (document.hidden) return next();
    json("/status" + (count % 5 === 0 ? "?ask=1" : ""))
      .then(function (answer) { return answer.json(); })
      .then(function (state) {
        if (state.paid || state.code === "LOGIN" || state.payable === false) return location.reload();
        next();
      })
      .catch(next);
  }

  // In a phone's browser

  function payByLink(go, paid) {
    var confirm = asking(paid || go, { text: says.unheard, instead: document.getElementById("back") });
    if (paid) {
      paid.addEventListener("click", confirm.ask);
      confirm.ask();
    }
    var left = false;
    go.addEventListener("click", function () { left = true; });
    // Who comes back by switching apps has no new page: this one notices.
    document.addEventListener("visibilitychange", function () {
      if (document.hidden || !left) return;
      left = false;
      location.replace(base + "?back=1");
    });
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) location.replace(base + "?back=1");
    });
  }

  if (says.way === "jsapi") payInWechat(document.getElementById("pay"));
  if (says.way === "native") showCode(document.getElementById("code"), document.getElementById("again"));
  if (says.way === "h5") payByLink(document.getElementById("go"), document.getElementById("paid"));
})();
