// Solves the challenge of this page and goes on. ES2017: engines inside apps are old. Without a worker, or when it fails,
// the button does what a browser without JavaScript does, if the challenge lets it: wait, and go on.
(function () {
  "use strict";
  var box = document.getElementById("challenge");
  var form = document.getElementById("go-on");
  var bar = document.getElementById("progress");
  var says = document.getElementById("says");
  var button = document.getElementById("button");
  var cancel = document.getElementById("cancel");
  var data = box.dataset;
  var worker = null;

  function say(text) { says.textContent = text; }

  function wait() {
    bar.hidden = true;
    cancel.hidden = true;
    button.hidden = true;
    say(data.wait);
    setTimeout(function () {
      button.hidden = false;
      say(data.waited);
      if (data.kind === "wait") HTMLFormElement.prototype.submit.call(form);
    }, 1000 * Number(data.seconds));
  }

  function otherwise() {
    if (data.kind === "work") fail(data.wrong); else wait();
  }

  function fail(text) {
    bar.hidden = true;
    cancel.hidden = true;
    button.hidden = false;
    button.textContent = data.again;
    button.type = "button";
    button.onclick = function () { location.reload(); };
    say(text);
    button.focus();
  }

  function goOn(answer) {
    say(data.done);
    cancel.hidden = true;
    if (data.kept) {
      // A field may be called "action" or "submit", and would stand for the form's own.
      form.setAttribute("action", form.getAttribute("action") + "&venditor-answer=" + answer);
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    var body = new URLSearchParams();
    body.set("token", data.token);
    body.set("answer", answer);
    var ask = { method: "POST", headers: { accept: "application/json" }, body: body, credentials: "same-origin" };
    fetch(data.solve, ask).then(function (solved) {
      // It says why, and when to come again.
      if (!solved.ok) return solved.json().then(function (problem) { fail(problem.detail || data.wrong); });
      return solved.json().then(function (told) {
        return fetch(told.check, { headers: { accept: "application/json" }, credentials: "same-origin" })
          .then(function (checked) {
            // Without cookies the way on would lead here again. A form that is not kept is sent again from its own page.
            if (checked.ok && !data.lost) location.reload(); else location.replace(told.check);
          });
      });
    }).catch(function () { fail(data.wrong); });
  }

  function work() {
    try {
      worker = new Worker(data.work);
    } catch (e) {
      return otherwise();
    }
    worker.onerror = otherwise;
    worker.onmessage = function (event) {
      if (event.data.answer !== undefined) {
        worker.terminate();
        goOn(event.data.answer);
      } else {
        bar.value = event.data.done;
      }
    };
    worker.postMessage({ seed: data.seed, parts: Number(data.parts), bits: Number(data.bits) });
  }

  cancel.onclick = function () {
    if (worker) worker.terminate();
    fail(data.cancelled);
  };
  // Back to this page, which the browser had kept: by now the way may be open.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });
  button.hidden = true;
  if (data.kind === "wait") return wait();
  bar.hidden = false;
  cancel.hidden = false;
  say(data.working);
  work();
})();
