// At a counter terminal: asks whether somebody is there when nobody touched it for a while, and
// leads to the end when nobody answers. Without this file pages do the same by loading each other.
(function () {
  "use strict";

  // Milliseconds between two words to the server that somebody is there, and between two looks
  // whether a code was used.
  var TELL = 20000;
  var LOOK = 3000;

  var box = document.getElementById("terminal-still");
  var code = document.querySelector("[data-look]");

  function ask(address, done) {
    var request = new XMLHttpRequest();
    request.open("GET", address);
    request.onload = function () {
      done(request);
    };
    request.send();
  }

  // The address answers with itself until the code was used or is over.
  function look() {
    var address = code.getAttribute("data-look");
    ask(address, function (request) {
      var whole = request.responseURL;
      // What follows the host.
      var path = whole.substring(whole.indexOf("/", "https://".length));
      if (request.status === 200 && path !== address) {
        location.replace(path);
      }
    });
  }

  if (code) {
    setInterval(look, LOOK);
  }
  if (!box) {
    return;
  }

  var said = document.getElementById("terminal-left");
  var on = document.getElementById("terminal-on");
  var idle = Number(box.getAttribute("data-idle")) * 1000;
  var warn = Number(box.getAttribute("data-warn")) * 1000;
  var touched = Date.now();
  var told = touched;
  var before = null;

  function touch() {
    if (!box.hidden) {
      return;
    }
    touched = Date.now();
    if (touched - told > TELL) {
      told = touched;
      ask("/terminal/here", function () {});
    }
  }

  function go_on() {
    box.hidden = true;
    told = 0;
    touch();
    if (before && before.focus) {
      before.focus();
    }
  }

  // Counts from the clock: a screen that slept is over at once.
  function tick() {
    var left = touched + idle + warn - Date.now();
    if (left <= 0) {
      // Nobody is there to be asked whether unsaved answers may go.
      document.documentElement.setAttribute("data-over", "");
      location.replace("/terminal/over");
      return;
    }
    if (left > warn) {
      return;
    }
    said.textContent = said.getAttribute("data-said").replace("#", String(Math.ceil(left / 1000)));
    if (box.hidden) {
      before = document.activeElement;
      box.hidden = false;
      on.focus();
    }
  }

  ["click", "keydown", "input", "scroll", "touchstart", "mousemove"].forEach(function (name) {
    document.addEventListener(name, touch, true);
  });
  on.addEventListener("click", go_on);
  box.addEventListener("keydown", function (event) {
    if (event.key === "Tab") {
      event.preventDefault();
    } else if (event.key === "Escape") {
      go_on();
    }
  });
  // Pages come back from the browser's memory with what they showed: they are asked for again.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      location.reload();
    }
  });
  setInterval(tick, 1000);
})();
