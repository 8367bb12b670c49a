// The pay page: asks the service for the signed fields, hands them to WeChat, then asks until the order is paid.
(function () {
  "use strict";
  var box = document.getElementById("checkout");
  var button = document.getElementById("pay");
  var notice = document.getElementById("notice");
  if (!box || !button || !notice) return;
  var base = "/pay/" + encodeURIComponent(box.dataset.order);
  // What a follower reads comes with the page, from the file of sentences.
  var says = box.dataset;
  var label = button.textContent;
  var BRIDGE_WAIT_MS = 3000;
  var POLL_MS = 1000;
  var MAX_POLLS = 30;

  function tell(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  function busy(text) {
    button.disabled = true;
    button.textContent = text;
  }

  function ready() {
    button.disabled = false;
    button.textContent = label;
  }

  function bridge(use) {
    if (window.WeixinJSBridge) return use(window.WeixinJSBridge);
    var late = window.setTimeout(function () {
      document.removeEventListener("WeixinJSBridgeReady", found);
      ready();
      tell(says.outside);
    }, BRIDGE_WAIT_MS);
    function found() {
      window.clearTimeout(late);
      use(window.WeixinJSBridge);
    }
    document.addEventListener("WeixinJSBridgeReady", found, { once: true });
  }

  function ask(left) {
    busy(says.confirming);
    // The first answers come from our own books; later ones also ask WeChat Pay, in case its message was lost.
    fetch(base + "/status" + (left < MAX_POLLS - 2 ? "?ask=1" : ""), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (state) {
        if (state.paid) return window.location.reload();
        if (left > 0) return window.setTimeout(ask, POLL_MS, left - 1);
        ready();
        tell(says.unheard);
      })
      .catch(function () {
        if (left > 0) return window.setTimeout(ask, POLL_MS * 2, left - 1);
        ready();
        tell(says.lookLater);
      });
  }

  function pay() {
    tell("");
    busy(says.opening);
    fetch(base + "/prepay", { method: "POST", headers: { Accept: "application/json" } })
      .then(function (answer) {
        return answer.json().then(function (body) { return { status: answer.status, body: body }; });
      })
      .then(function (got) {
        if (got.status === 401) return window.location.reload();
        if (got.body.code === "AlreadyPaid") return window.location.reload();
        if (got.status !== 200) {
          ready();
          return tell(got.body.message || says.failed);
        }
        bridge(function (weixin) {
          weixin.invoke("getBrandWCPayRequest", got.body, function (result) {
            if (result.err_msg === "get_brand_wcpay_request:ok") return ask(MAX_POLLS);
            ready();
            tell(result.err_msg === "get_brand_wcpay_request:cancel" ? says.cancelled : says.unpaid);
          });
        });
      })
      .catch(function () {
        ready();
        tell(says.tapAgain);
      });
  }

  button.addEventListener("click", pay);
})();
