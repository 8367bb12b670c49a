// The phone's JS-SDK, in place of the one that WeChat serves: wx.config is checked as WeChat checks it, and the card
// that a page asks for goes to the phone.
(function () {
  'use strict';
  var prefix = (location.pathname.match(/^\/phone\/[^/]+/) || [''])[0];
  var whenReady = [];
  var whenWrong = [];
  var outcome = null;

  function run(list, value) {
    list.splice(0).forEach(function (act) { act(value); });
  }

  function settle(answer) {
    outcome = answer;
    document.documentElement.dataset.jssdk = answer.errMsg;
    if (answer.errMsg === 'config:ok') run(whenReady);
    else run(whenWrong, answer);
  }

  function config(given) {
    var path = location.pathname.slice(prefix.length) + location.search;
    var asked = new XMLHttpRequest();
    // The bridge leads the page's own paths to the service; this one is the phone's.
    asked.open('POST', '//' + location.host + '/api/jssdk');
    asked.setRequestHeader('Content-Type', 'application/json');
    asked.onload = function () { settle(JSON.parse(asked.responseText)); };
    asked.send(JSON.stringify({
      path: path,
      appId: given.appId,
      timestamp: given.timestamp,
      nonceStr: given.nonceStr,
      signature: given.signature,
    }));
  }

  function share(card) {
    if (!outcome || outcome.errMsg !== 'config:ok') return;
    window.parent.postMessage({ kind: 'keban-card', card: card }, location.origin);
    if (card.success) card.success();
  }

  window.wx = {
    config: config,
    ready: function (act) {
      if (outcome && outcome.errMsg === 'config:ok') act();
      else whenReady.push(act);
    },
    error: function (act) { whenWrong.push(act); },
    updateAppMessageShareData: share,
    updateTimelineShareData: function () {},
  };
})();
