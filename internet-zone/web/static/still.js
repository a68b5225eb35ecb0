// Says some minutes beforehand that the session ends when nothing is done, and offers to stay; and that
// it ends whatever is done, which is only said. Without this file whoever is too late proves who they are
// and is back at the very field.
(function () {
  "use strict";

  // Milliseconds before the end at which it is said, and between two looks at the clock.
  var WARN = 5 * 60000;
  var LOOK = 5000;

  var box = document.getElementById("stay");
  if (!box) {
    return;
  }

  var said = document.getElementById("stay-said");
  var on = document.getElementById("stay-on");
  var idle = Number(box.getAttribute("data-idle")) * 1000;
  var heard = Date.now();
  var ends = heard + Number(box.getAttribute("data-ends")) * 1000;
  var over = false;
  var told = "";

  function say(key, minutes) {
    var words = box.getAttribute("data-" + key).replace("#", String(minutes));
    if (words !== told) {
      told = words;
      said.textContent = words;
    }
  }

  // Says something behind which nothing can be kept by a press.
  function say_alone(key, minutes) {
    var here = document.activeElement === on;
    on.hidden = true;
    say(key, minutes);
    // Whoever pressed is not sent back to the top of the page.
    if (here) {
      said.focus();
    }
  }

  function ended() {
    over = true;
    say_alone("over", 0);
  }

  // Counts from the clock: a screen that slept is over at once.
  function tick() {
    if (over) {
      return;
    }
    // A form that saves what is typed on it says when it was heard last.
    var last = Math.max(heard, Number(document.documentElement.getAttribute("data-heard")));
    var left = Math.min(last + idle, ends) - Date.now();
    if (left > WARN) {
      // Nobody loses the place they are at.
      if (document.activeElement !== on) {
        box.hidden = true;
        told = "";
      }
      return;
    }
    // A status that was there before and gets its words now is read out; one that only appears is not
    // everywhere.
    box.hidden = false;
    if (left <= 0) {
      ended();
    } else if (last + idle < ends) {
      say("left", Math.ceil(left / 60000));
    } else {
      say_alone("last", Math.ceil(left / 60000));
    }
  }

  on.addEventListener("click", function () {
    var request = new XMLHttpRequest();
    request.open("GET", "/still");
    request.onload = function () {
      if (request.status === 204) {
        heard = Date.now();
        say("done", 0);
      } else if (request.status === 401) {
        ended();
      } else {
        say("failed", 0);
      }
    };
    request.onerror = function () {
      say("failed", 0);
    };
    request.send();
  });
  setInterval(tick, LOOK);
})();
