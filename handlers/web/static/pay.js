// The pay page: asks the service for the signed fields, hands them to WeChat, then asks until the order is paid.
(function () {
  "use strict";
  var box = document.getElementById("checkout");
  var button = document.getElementById("pay");
  var notice = document.getElementById("notice");
  if (!box || !button || !notice) return;
  var base = "/pay/" + encodeURIComponent(box.dataset.order);
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
      tell("请在微信里打开这个页面付款。");
    }, BRIDGE_WAIT_MS);
    function found() {
      window.clearTimeout(late);
      use(window.WeixinJSBridge);
    }
    document.addEventListener("WeixinJSBridgeReady", found, { once: true });
  }

  function ask(left) {
    busy("正在确认…");
    // The first answers come from our own books; later ones also ask WeChat Pay, in case its message was lost.
    fetch(base + "/status" + (left < MAX_POLLS - 2 ? "?ask=1" : ""), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (state) {
        if (state.paid) return window.location.reload();
        if (left > 0) return window.setTimeout(ask, POLL_MS, left - 1);
        ready();
        tell("还没有收到微信支付的结果。如果已经付款，稍后会自动打开，不用再付一次。");
      })
      .catch(function () {
        if (left > 0) return window.setTimeout(ask, POLL_MS * 2, left - 1);
        ready();
        tell("网络不太好，请稍后刷新看看。");
      });
  }

  function pay() {
    tell("");
    busy("正在打开微信支付…");
    fetch(base + "/prepay", { method: "POST", headers: { Accept: "application/json" } })
      .then(function (answer) {
        return answer.json().then(function (body) { return { status: answer.status, body: body }; });
      })
      .then(function (got) {
        if (got.status === 401) return window.location.reload();
        if (got.body.code === "AlreadyPaid") return window.location.reload();
        if (got.status !== 200) {
          ready();
          return tell(got.body.message || "没有成功，请再试一次。");
        }
        bridge(function (weixin) {
          weixin.invoke("getBrandWCPayRequest", got.body, function (result) {
            if (result.err_msg === "get_brand_wcpay_request:ok") return ask(MAX_POLLS);
            ready();
            tell(result.err_msg === "get_brand_wcpay_request:cancel" ? "你取消了支付，没有扣钱。" : "支付没有成功，没有扣钱，请再试一次。");
          });
        });
      })
      .catch(function () {
        ready();
        tell("网络不太好，请再点一次。");
      });
  }

  button.addEventListener("click", pay);
})();
