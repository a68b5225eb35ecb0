// Says some minutes beforehand that the session ends when nothing is done, and offers to stay; and that
// it ends whatever is done, which is only said. The server is asked first: another window may have kept
// the session. Without this file whoever is too late proves who they are and is back at the very field.
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
  // The minutes left when the server was asked last.
  var asked = null;

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

  // Says something, and offers to stay.
  function offer(key, minutes) {
    on.hidden = false;
    say(key, minutes);
  }

  function ended() {
    over = true;
    say_alone("over", 0);
  }

  function ask(address, done) {
    var request = new XMLHttpRequest();
    request.open("GET", address);
    request.onloadend = function () {
      done(request);
    };
    request.send();
  }

  // The end when nothing is done. A form that saves what is typed on it says when it was heard last.
  function idle_end() {
    return Math.max(heard, Number(document.documentElement.getAttribute("data-heard"))) + idle;
  }

  // Counts from the clock: a screen that slept is over at once.
  function left() {
    return Math.min(idle_end(), ends) - Date.now();
  }

  function rest() {
    asked = null;
    // Nobody loses the place they are at.
    if (document.activeElement !== on) {
      box.hidden = true;
      told = "";
    }
  }

  // What the server said of the session: who cannot be asked has not said that it is over.
  function heard_of(request) {
    var known = request.status === 200;
    if (over) {
      return;
    }
    if (known) {
      var seconds = request.responseText.split(" ");
      heard = Date.now() + Number(seconds[0]) * 1000 - idle;
      ends = Date.now() + Number(seconds[1]) * 1000;
    }
    var gone = request.status === 401;
    if (!gone && left() > WARN) {
      rest();
      return;
    }
    // A status that was there before and gets its words now is read out; one that only appears is not
    // everywhere.
    box.hidden = false;
    var minutes = Math.ceil(left() / 60000);
    if (gone || (known && minutes <= 0)) {
      ended();
    } else if (minutes <= 0) {
      offer("unsure", 0);
    } else if (idle_end() < ends) {
      offer("left", minutes);
    } else {
      say_alone("last", minutes);
    }
  }

  function tick() {
    if (over) {
      return;
    }
    if (left() > WARN) {
      rest();
      return;
    }
    // Once a minute, before it is said.
    var minutes = Math.ceil(left() / 60000);
    if (minutes !== asked) {
      asked = minutes;
      ask("/still?look", heard_of);
    }
  }

  on.addEventListener("click", function () {
    ask("/still", function (request) {
      if (request.status === 204) {
        heard = Date.now();
        asked = null;
        say("done", 0);
      } else if (request.status === 401) {
        ended();
      } else {
        say("failed", 0);
      }
    });
  });
  setInterval(tick, LOOK);
})();
