// For a shop's own pages: solves the challenges that its scripts' requests get (`fetch`, XMLHttpRequest), in place, and
// sends each such request again, once. ES2017: engines inside apps are old. It loads nothing but its worker, sets no style
// by markup and makes no code from text, so that it runs under a strict content policy.
//
//   <script src="/.venditor/fetch.js" data-origins="https://api.shop.example"></script>
//
// before the shop's own scripts. `data-origins`: other origins behind bot-screen whose challenges are solved, too.
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.venditorFetch || !window.fetch || !window.Promise) return;
  window.venditorFetch = true;
  var WORDS = {/*words*/};
  var WORKER = new URL("work.js", script.src).href;
  var ORIGINS = [location.origin].concat((script.dataset.origins || "").split(/[\s,]+/).filter(Boolean));
  // More is never asked; an answer that says so is none of ours.
  var MOST_BITS = 22;
  // What is done sooner needs no words.
  var SHOWN_AFTER_MS = 500;
  var plainFetch = window.fetch;
  var PlainXhr = window.XMLHttpRequest;

  /** The challenge in a problem's text, if it is one of ours. */
  function challengeIn(text, url) {
    try {
      var told = JSON.parse(text);
      var challenge = told.challenge;
      var ours = /\/challenge-required$/.test(told.type) && typeof challenge.token === "string";
      var at = new URL(url, location.href);
      if (!ours || ORIGINS.indexOf(at.origin) < 0) return null;
      var work = challenge.work;
      if (work && !(work.bits <= MOST_BITS && work.parts > 0 && work.parts <= 64)) return null;
      return { token: challenge.token, solve: new URL(challenge.solve, at).href, work: work, wait: challenge.wait_seconds };
    } catch (e) {
      return null;
    }
  }

  function isProblem(status, type) {
    return status === 403 && /^application\/problem\+json/i.test(type || "");
  }

  // ---- What a person sees: a region at the edge of the page, which takes no focus and covers nothing for long.

  function words() {
    var lang = document.documentElement.lang || navigator.language || "";
    return WORDS[/^zh/i.test(lang) ? "zh" : "en"];
  }

  function styled(element, style) {
    Object.keys(style).forEach(function (name) { element.style[name] = style[name]; });
    return element;
  }

  function Box(cancelled) {
    var said = words();
    var add = function (to, name) { return to.appendChild(document.createElement(name)); };
    this.said = said;
    this.root = styled(document.createElement("section"), {
      position: "fixed", zIndex: "2147483647", left: "0", right: "0", bottom: "0", margin: "0 auto", padding: "16px 20px",
      boxSizing: "border-box", maxWidth: "34rem", maxHeight: "100%", overflow: "auto", font: "16px/1.5 system-ui, sans-serif",
      color: "#1c2126", background: "#fff", border: "1px solid #56606b", borderRadius: "8px 8px 0 0", textAlign: "start",
    });
    this.root.id = "venditor-check";
    this.root.lang = said.tag;
    this.root.setAttribute("aria-label", said.title);
    this.title = styled(add(this.root, "p"), { margin: "0 0 4px", fontWeight: "bold" });
    // What is said in it is read out, without the focus going there.
    this.says = styled(add(this.root, "p"), { margin: "0 0 8px" });
    this.says.setAttribute("role", "status");
    this.bar = styled(add(this.root, "progress"), { display: "block", width: "100%", height: "14px", margin: "0 0 8px" });
    this.bar.setAttribute("aria-label", said.progress);
    this.button = styled(add(this.root, "button"), {
      font: "inherit", minHeight: "44px", padding: "8px 20px", color: "#1c2126", background: "#fff",
      border: "1px solid #56606b", borderRadius: "8px", cursor: "pointer",
    });
    this.button.type = "button";
    this.button.textContent = said.cancel;
    this.button.onclick = cancelled;
    this.title.textContent = said.title;
  }

  Box.prototype.show = function () {
    this.before = document.activeElement;
    (document.body || document.documentElement).appendChild(this.root);
    // Said once it is there: what a region has from the beginning is not read out.
    this.says.textContent = this.said.why;
  };
  Box.prototype.progress = function (done, of) { this.bar.max = of; this.bar.value = done; };
  Box.prototype.close = function () {
    if (!this.root.parentNode) return;
    var focused = this.root.contains(document.activeElement);
    this.root.parentNode.removeChild(this.root);
    if (focused && this.before && this.before.focus) this.before.focus();
  };
  /** Says why it did not go on, until it is closed. */
  Box.prototype.end = function (title, why) {
    var box = this;
    if (!this.root.parentNode) this.show();
    this.bar.style.display = "none";
    this.title.textContent = title;
    this.says.textContent = why;
    this.button.textContent = this.said.close;
    this.button.onclick = function () { box.close(); };
  };

  // ---- Solving.

  /** The answer to a challenge: by work, or, if there is no worker, by waiting. `stop` ends it. */
  function answerTo(challenge, box, stopped) {
    function waited() {
      if (challenge.wait === undefined) return Promise.reject(new Error("no worker"));
      return new Promise(function (resolve, reject) {
        var from = Date.now();
        var all = 1000 * challenge.wait + 200;
        var timer = setInterval(function () {
          box.progress(Math.min(Date.now() - from, all), all);
          if (Date.now() - from >= all) { clearInterval(timer); resolve(""); }
        }, 200);
        stopped.push(function () { clearInterval(timer); reject(new Error("stopped")); });
      });
    }
    if (!challenge.work) return waited();
    return new Promise(function (resolve, reject) {
      var worker;
      try { worker = new Worker(WORKER); } catch (e) { return reject(e); }
      worker.onerror = reject;
      worker.onmessage = function (event) {
        if (event.data.answer === undefined) return box.progress(event.data.done, challenge.work.parts);
        worker.terminate();
        resolve(event.data.answer);
      };
      stopped.push(function () { worker.terminate(); reject(new Error("stopped")); });
      worker.postMessage(challenge.work);
    }).catch(function (error) {
      if (stopped.over) throw error;
      return waited();
    });
  }

  /** Hands the answer in, and looks whether the pass was kept. */
  function handIn(challenge, answer) {
    var body = new URLSearchParams();
    body.set("token", challenge.token);
    body.set("answer", answer);
    var how = { credentials: "include", headers: { accept: "application/json" } };
    var send = { method: "POST", body: body, credentials: how.credentials, headers: how.headers };
    return plainFetch.call(window, challenge.solve, send).then(function (solved) {
      if (!solved.ok) throw new Error("not taken");
      return solved.json();
    }).then(function (told) {
      return plainFetch.call(window, new URL(told.check, challenge.solve).href, how);
    }).then(function (checked) { return checked.ok; });
  }

  /** Solves a challenge: whether the way is open. */
  function solve(challenge) {
    var stopped = [];
    var stop = function () {
      stopped.over = true;
      stopped.forEach(function (end) { end(); });
    };
    var box = new Box(stop);
    var timer = setTimeout(function () { box.show(); }, SHOWN_AFTER_MS);
    return answerTo(challenge, box, stopped).then(function (answer) { return handIn(challenge, answer); })
      .then(function (kept) {
        clearTimeout(timer);
        if (kept) box.close();
        else box.end(box.said.cookies_title, box.said.cookies_why + " " + box.said.cookies_next);
        return kept;
      }, function () {
        clearTimeout(timer);
        if (stopped.over) box.close(); else box.end(box.said.title, box.said.wrong);
        return false;
      });
  }

  // Of several requests that are challenged at once, one solves, and the others wait for its pass; so does one whose answer
  // comes when that is over, if it was sent before.
  var solving = {};
  var earned = {};
  function open(challenge, sent) {
    var at = new URL(challenge.solve).origin;
    var bits = challenge.work ? challenge.work.bits : 0;
    var known = solving[at];
    if (known && known.bits >= bits) return known.done;
    if (earned[at] && earned[at].bits >= bits && earned[at].when >= sent) return Promise.resolve(true);
    var done = (known ? known.done : Promise.resolve()).then(function () { return solve(challenge); });
    var own = solving[at] = { bits: bits, done: done };
    var over = function (kept) {
      if (kept === true) earned[at] = { bits: bits, when: performance.now() };
      if (solving[at] === own) delete solving[at];
    };
    done.then(over, over);
    return done;
  }

  // ---- fetch

  function isStream(body) { return typeof ReadableStream === "function" && body instanceof ReadableStream; }

  window.fetch = function (input, init) {
    var again = null;
    try {
      if (!isStream(init && init.body)) {
        // A request's own body can be read once: what is sent again is its copy.
        var spare = input instanceof Request ? input.clone() : input;
        again = function () { return plainFetch.call(window, spare, init); };
      }
    } catch (e) { /* It was read already, which fetch says itself. */ }
    var sent = performance.now();
    return plainFetch.call(window, input, init).then(function (response) {
      if (!again || !isProblem(response.status, response.headers.get("content-type"))) return response;
      var signal = (init && init.signal) || (input instanceof Request ? input.signal : null);
      return response.clone().text().then(function (text) {
        var challenge = challengeIn(text, response.url);
        if (!challenge) return response;
        // Who gives up meanwhile is told so at once, as fetch does.
        var gone = new Promise(function (_, reject) {
          if (!signal) return;
          var end = function () { reject(signal.reason || new DOMException("Aborted", "AbortError")); };
          if (signal.aborted) end(); else signal.addEventListener("abort", end);
        });
        return Promise.race([open(challenge, sent), gone]).then(function (opened) { return opened ? again() : response; });
      });
    });
  };

  // ---- XMLHttpRequest: its events are held back while its challenge is solved, and come with the second answer.

  if (!PlainXhr) return;
  var plainOpen = PlainXhr.prototype.open;
  var plainField = PlainXhr.prototype.setRequestHeader;
  var plainSend = PlainXhr.prototype.send;

  function textOf(xhr) {
    if (xhr.responseType === "" || xhr.responseType === "text") return xhr.responseText;
    if (xhr.responseType === "json") return JSON.stringify(xhr.response);
    if (xhr.responseType === "arraybuffer" && window.TextDecoder) return new TextDecoder().decode(xhr.response);
    return "";
  }

  window.XMLHttpRequest = class XMLHttpRequest extends PlainXhr {
    constructor() {
      super();
      var xhr = this;
      this.ofVenditor = { sent: 0 };
      var hold = function (event) {
        var own = xhr.ofVenditor;
        if (own.passes) return;
        if (own.opens) return event.stopImmediatePropagation();
        if (!own.again || own.sent !== 1 || xhr.readyState < 2) return;
        if (!isProblem(xhr.status, xhr.getResponseHeader("content-type"))) return;
        event.stopImmediatePropagation();
        if (event.type === "load") own.decide();
      };
      // The first listeners of this request, before any of the page.
      ["readystatechange", "progress", "load", "loadend"].forEach(function (name) { xhr.addEventListener(name, hold); });
    }

    open(method, url, async, user, password) {
      // A call of its own begins anew, whatever was being solved.
      var own = this.ofVenditor = { sent: 0, fields: [] };
      var given = [method, url, async === undefined ? true : async, user, password];
      if (given[2]) own.given = given;
      super.open.apply(this, given);
    }

    setRequestHeader(name, value) {
      super.setRequestHeader(name, value);
      this.ofVenditor.fields.push([name, value]);
    }

    abort() {
      this.ofVenditor.gone = true;
      super.abort();
    }

    send(body) {
      var xhr = this;
      var own = this.ofVenditor;
      own.sent += 1;
      own.when = performance.now();
      var tell = function () {
        // As it was: the first answer is all there is.
        own.passes = true;
        xhr.dispatchEvent(new Event("readystatechange"));
        ["load", "loadend"].forEach(function (name) { xhr.dispatchEvent(new ProgressEvent(name)); });
      };
      own.again = Boolean(own.given);
      own.decide = function () {
        var challenge = challengeIn(textOf(xhr), xhr.responseURL || String(own.given[1]));
        // First those events are held back that are still to come of this answer.
        var last = new Promise(function (resolve) { setTimeout(resolve, 0); });
        var opened = last.then(function () { return challenge ? open(challenge, own.when) : false; });
        opened.then(function (is) {
          if (own.gone || xhr.ofVenditor !== own) return;
          if (!is) return tell();
          own.opens = true;
          plainOpen.apply(xhr, own.given);
          own.opens = false;
          own.fields.forEach(function (field) { plainField.call(xhr, field[0], field[1]); });
          own.sent += 1;
          plainSend.call(xhr, body);
        });
      };
      super.send(body);
    }
  };
})();
