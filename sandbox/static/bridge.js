// What WeChat puts into each page it opens: WeixinJSBridge. And, because this phone lives under /phone/{openid},
// absolute paths of the page's own scripts are led there. The browsers under /desktop and /mobile are not WeChat's.
(function () {
  'use strict';
  var prefix = (location.pathname.match(/^\/(?:phone|desktop|mobile)\/[^/]+/) || [''])[0];
  var kind = prefix.split('/')[1];
  var AGENTS = {
    phone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.5(0x18003231) NetType/WIFI Language/zh_CN',
    desktop: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    mobile: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  };
  var waiting = {};
  var count = 0;

  function through(url) {
    if (typeof url !== 'string') return url;
    var path = url.indexOf(location.origin + '/') === 0 ? url.slice(location.origin.length) : url;
    if (path[0] !== '/' || path[1] === '/' || path.indexOf(prefix + '/') === 0) return url;
    return prefix + path;
  }

  function lead(object, name, position) {
    var original = object && object[name];
    if (!original) return;
    object[name] = function () {
      var given = Array.prototype.slice.call(arguments);
      given[position] = through(given[position]);
      return original.apply(this, given);
    };
  }

  lead(XMLHttpRequest.prototype, 'open', 1);
  lead(history, 'pushState', 2);
  lead(history, 'replaceState', 2);
  lead(navigator, 'sendBeacon', 0);
  lead(window, 'open', 0);
  var plainFetch = window.fetch;
  window.fetch = function (what, how) {
    return plainFetch.call(this, typeof what === 'string' ? through(what) : what instanceof URL ? through(what.href) : what, how);
  };

  Object.defineProperty(navigator, 'userAgent', { configurable: true, value: AGENTS[kind] || AGENTS.phone });

  function tell(message) {
    if (window.parent !== window) window.parent.postMessage(message, location.origin);
  }

  window.addEventListener('message', function (event) {
    if (event.origin !== location.origin || event.source !== window.parent || !event.data) return;
    var done = event.data.kind === 'keban-answer' && waiting[event.data.id];
    if (!done) return;
    delete waiting[event.data.id];
    done({ err_msg: event.data.err_msg });
  });

  function invoke(name, params, callback) {
    var done = typeof callback === 'function' ? callback : function () {};
    if (name === 'getBrandWCPayRequest') {
      count += 1;
      waiting[count] = done;
      tell({ kind: 'keban-pay', id: count, params: params });
    } else if (name === 'closeWindow') {
      tell({ kind: 'keban-close' });
      done({ err_msg: 'close_window:ok' });
    } else {
      done({ err_msg: name + ':ok' });
    }
  }

  if (kind === 'phone') {
    window.WeixinJSBridge = {
      invoke: invoke,
      call: function (name) { invoke(name, {}); },
      on: function () {},
    };
  }

  function ready() {
    if (window.WeixinJSBridge) document.dispatchEvent(new Event('WeixinJSBridgeReady'));
    tell({ kind: 'keban-page', title: document.title, href: location.href });
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
