// Keeps what is typed on a page of a form: a moment after the last key it is
// saved, at the latest some seconds after the first one, and when the page is
// put away; leaving with something unsaved is asked about first. Without this
// file every button saves.
(function () {
  "use strict";

  // Milliseconds after the last key, after the first one at the latest, and between
  // two tries without a connection.
  var PAUSE = 2500;
  var LATEST = 15000;
  var AGAIN = 15000;

  var form = document.querySelector("form[data-keep]");
  var told = document.getElementById("kept");
  var trouble = document.getElementById("kept-trouble");
  if (!form || !told || !trouble) {
    return;
  }

  var timer = null;
  // When the first key was pressed that is not saved yet.
  var since = 0;
  var under_way = null;
  var unsaved = form.hasAttribute("data-unsaved");
  var stopped = false;
  var leaving = false;

  function input(name) {
    return form.querySelector("input[name='" + name + "']");
  }

  function say(key, time) {
    told.textContent = told.getAttribute("data-" + key).replace("{time}", time || "");
  }

  function explain(words) {
    trouble.firstElementChild.textContent = words;
    trouble.hidden = false;
  }

  function warn(key) {
    trouble.firstElementChild.textContent = key ? trouble.getAttribute("data-" + key) : "";
    trouble.hidden = !key;
  }

  // What the form would send, without files and buttons.
  function body() {
    var pairs = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      var kind = field.type;
      var is_button = kind === "submit" || kind === "button" || kind === "fieldset";
      var is_empty_box = (kind === "checkbox" || kind === "radio") && !field.checked;
      var is_secret = kind === "password" || kind === "file";
      if (!field.name || field.disabled || is_button || is_empty_box || is_secret) {
        return;
      }
      pairs.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
    });
    pairs.push("_do=keep");
    return pairs.join("&");
  }

  // Each sending has its turn, so that a late one never replaces a newer one.
  function next_turn() {
    var window_input = input("_window");
    var parts = window_input.value.split(".");
    window_input.value = parts[0] + "." + (Number(parts[1]) + 1);
  }

  // What the other side says; nothing when it is a page for people.
  function read(answer) {
    try {
      return JSON.parse(answer);
    } catch (error) {
      return null;
    }
  }

  function saved(marks) {
    if (!marks) {
      return failed("offline");
    }
    input("_was").value = marks.was;
    document.documentElement.setAttribute("data-heard", String(Date.now()));
    (marks.made || []).forEach(function (one) {
      Array.prototype.forEach.call(form.querySelectorAll("[data-worked-out]"), function (place) {
        if (place.getAttribute("data-worked-out") === one[0] && place.innerHTML !== one[1]) {
          place.innerHTML = one[1];
        }
      });
    });
    if (marks.over) {
      explain(marks.over);
    } else {
      warn(null);
    }
    if (!unsaved) {
      say("saved", marks.saved);
    }
  }

  function failed(key) {
    unsaved = true;
    warn(key);
    say("typing");
    timer = setTimeout(keep, AGAIN);
  }

  // Nothing is kept here any more; the page says why, and keeps what is typed.
  function stop(key, words) {
    unsaved = true;
    stopped = true;
    warn(key);
    if (words) {
      explain(words);
    }
    say("typing");
  }

  // What became of a save that was not taken.
  function refused(status, marks) {
    var words = marks && marks.over;
    if (status === 401) {
      stop("ended");
    } else if (status === 409 && !words) {
      stop("clash");
    } else if (status === 408 || status === 409 || status === 429) {
      failed("later");
    } else if (status >= 400 && status < 500) {
      stop("refused", words);
    } else {
      failed("offline");
    }
  }

  function keep() {
    if (stopped || leaving) {
      return;
    }
    if (under_way) {
      timer = setTimeout(keep, PAUSE);
      return;
    }
    next_turn();
    unsaved = false;
    since = 0;
    say("saving");
    var request = new XMLHttpRequest();
    under_way = request;
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = function () {
      under_way = null;
      if (leaving) {
        return;
      }
      var marks = read(request.responseText);
      if (request.status === 200) {
        saved(marks);
      } else {
        refused(request.status, marks);
      }
    };
    request.send(body());
  }

  function typed(event) {
    if (!event.target.name || event.target.type === "file") {
      return;
    }
    unsaved = true;
    if (stopped) {
      return;
    }
    say("typing");
    var now = Date.now();
    since = since || now;
    clearTimeout(timer);
    timer = setTimeout(keep, Math.max(0, Math.min(PAUSE, since + LATEST - now)));
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);

  // Where somebody is, to bring them back there.
  form.addEventListener("focusin", function (event) {
    if (event.target.name && event.target.name.charAt(0) !== "_") {
      input("_at").value = event.target.name;
    }
  });

  form.addEventListener("submit", function () {
    clearTimeout(timer);
    leaving = true;
    next_turn();
    if (under_way) {
      under_way.abort();
    }
  });

  // A phone that is put away asks nothing, and may never come back to the page.
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden" && unsaved) {
      clearTimeout(timer);
      keep();
    }
  });

  // Back to a page the browser kept: it can be typed on and left again.
  window.addEventListener("pageshow", function () {
    leaving = false;
  });

  window.addEventListener("beforeunload", function (event) {
    // A terminal that ends by itself asks nobody: what is typed goes.
    var over = document.documentElement.hasAttribute("data-over");
    if (unsaved && !leaving && !over) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
})();
