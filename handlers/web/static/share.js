// Inside WeChat: the card that this page is forwarded as. Whatever goes wrong, the page works without it.
(function () {
  "use strict";
  var self = document.getElementById("share");
  if (!self) return;

  function meta(name) {
    var found = document.querySelector('meta[property="og:' + name + '"]');
    return found ? found.content : "";
  }

  function dress(config) {
    var wx = window.wx;
    wx.config({
      debug: false,
      appId: config.appId,
      timestamp: config.timestamp,
      nonceStr: config.nonceStr,
      signature: config.signature,
      jsApiList: ["updateAppMessageShareData", "updateTimelineShareData"],
    });
    wx.ready(function () {
      var card = { title: meta("title"), desc: meta("description"), link: meta("url"), imgUrl: meta("image") };
      wx.updateAppMessageShareData(card);
      wx.updateTimelineShareData({ title: card.title, link: card.link, imgUrl: card.imgUrl });
    });
    wx.error(function () {}); // the SDK would show an alert of its own otherwise
  }

  function sign() {
    fetch("/share/signature?uri=" + encodeURIComponent(self.dataset.uri), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json().then(dress) : null; })
      .catch(function () {});
  }

  // After the page itself, and only here: nobody else's host is asked outside of WeChat.
  window.addEventListener("load", function () {
    var sdk = document.createElement("script");
    sdk.src = self.dataset.src;
    sdk.addEventListener("load", sign);
    document.head.appendChild(sdk);
  });
})();
