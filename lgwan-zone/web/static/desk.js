// Keys for who works at the desk all day; the page /keys lists them. Each key
// stands for a link, a button or a field that names it (aria-keyshortcuts) and
// works by itself without this file. A link is followed; a button or a field
// only gets the focus, so that no single letter ever decides anything.
(function () {
  "use strict";

  var OFF = "madoguchi-keys-off";

  function is_off() {
    try {
      return window.localStorage.getItem(OFF) === "1";
    } catch (blocked) {
      return false;
    }
  }

  function types(at) {
    var name = at.tagName;
    if (name === "TEXTAREA" || name === "SELECT") {
      return true;
    }
    return name === "INPUT" && at.type !== "checkbox" && at.type !== "radio";
  }

  // --- the lines of a list ------------------------------------------------

  function lines() {
    return document.querySelectorAll("[data-line]");
  }

  function line_of(at) {
    var row = at.closest ? at.closest("tr") : null;
    return row ? row.querySelector("[data-line]") : null;
  }

  function moves(by) {
    var all = lines();
    var here = line_of(document.activeElement);
    var place = Array.prototype.indexOf.call(all, here);
    var next = all[here ? place + by : by > 0 ? 0 : all.length - 1];
    if (next) {
      next.focus();
    }
    return all.length > 0;
  }

  function ticks() {
    var here = line_of(document.activeElement);
    var box = here && here.closest("tr").querySelector("input");
    if (box) {
      box.click();
    }
    return Boolean(box);
  }

  // --- everything else ----------------------------------------------------

  function named(key) {
    var all = document.querySelectorAll("[aria-keyshortcuts]");
    for (var n = 0; n < all.length; n += 1) {
      if (all[n].getAttribute("aria-keyshortcuts") === key) {
        return all[n];
      }
    }
    return null;
  }

  function goes(key) {
    var to = named(key);
    if (!to) {
      return false;
    }
    if (to.tagName === "A") {
      to.click();
    } else {
      to.focus();
    }
    return true;
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || is_off() || types(event.target)) {
      return;
    }
    var done = false;
    if (event.key === "j" || event.key === "k") {
      done = moves(event.key === "j" ? 1 : -1);
    } else if (event.key === "x") {
      done = ticks();
    } else if (event.key.length === 1) {
      done = goes(event.key);
    }
    if (done) {
      event.preventDefault();
    }
  }

  // --- on and off ---------------------------------------------------------

  function says(box) {
    var off = is_off();
    box.firstElementChild.textContent = box.getAttribute(off ? "data-off" : "data-on");
    box.lastElementChild.textContent = box.getAttribute(off ? "data-start" : "data-stop");
  }

  // After a form was refused the list of errors has the focus.
  function errors() {
    var list = document.querySelector(".error-summary");
    if (list) {
      list.focus();
    }
  }

  function starts() {
    var box = document.getElementById("keys-switch");
    document.addEventListener("keydown", pressed);
    if (!box) {
      return;
    }
    box.hidden = false;
    says(box);
    box.lastElementChild.addEventListener("click", function () {
      try {
        window.localStorage.setItem(OFF, is_off() ? "0" : "1");
      } catch (blocked) {
        return;
      }
      says(box);
    });
  }

  starts();
  errors();
}());
