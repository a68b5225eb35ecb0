// Keeps what is typed on a page of a form: a moment after the last key it is
// saved, and leaving with something unsaved is asked about first. Without this
// file every button saves.
(function () {
  "use strict";

  // Milliseconds after the last key, and between two tries without a connection.
  var PAUSE = 2500;
  var AGAIN = 15000;

  var form = document.querySelector("form[data-keep]");
  var told = document.getElementById("kept");
  var trouble = document.getElementById("kept-trouble");
  if (!form || !told || !trouble) {
    return;
  }

  var timer = null;
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

  function saved(answer) {
    var marks = null;
    try {
      marks = JSON.parse(answer);
    } catch (error) {
      marks = null;
    }
    if (!marks) {
      return failed();
    }
    input("_was").value = marks.was;
    (marks.made || []).forEach(function (one) {
      Array.prototype.forEach.call(form.querySelectorAll("[data-worked-out]"), function (place) {
        if (place.getAttribute("data-worked-out") === one[0] && place.innerHTML !== one[1]) {
          place.innerHTML = one[1];
        }
      });
    });
    if (marks.over) {
      trouble.firstElementChild.textContent = marks.over;
      trouble.hidden = false;
    } else {
      warn(null);
    }
    if (!unsaved) {
      say("saved", marks.saved);
    }
  }

  function failed() {
    unsaved = true;
    warn("offline");
    say("typing");
    timer = setTimeout(keep, AGAIN);
  }

  function stop(key) {
    unsaved = true;
    stopped = true;
    warn(key);
    say("typing");
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
      if (request.status === 200) {
        saved(request.responseText);
      } else if (request.status === 409) {
        stop("clash");
      } else if (request.status >= 400 && request.status < 500) {
        stop("ended");
      } else {
        failed();
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
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
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
