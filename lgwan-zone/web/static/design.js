// Makes the designer more comfortable; without this file every button works by
// itself. What is typed is saved a moment after the last key, by the same form
// the button sends; pages, questions and options are dragged or moved by arrow
// keys; the citizens' page is drawn beside; Ctrl+Z and Ctrl+Y take steps back
// and again. Nothing is ever saved over what somebody else did in between.
(function () {
  "use strict";

  // Milliseconds after the last key, and between two tries without a connection.
  var PAUSE = 1200;
  var AGAIN = 10000;

  var timer = null;
  var under_way = false;
  var typed_count = 0;
  var saved_count = 0;
  var stopped = false;
  var went_on = false;
  var leaving = false;
  var waiting = null;
  var pressed = null;
  var width = "phone";
  var live = null;
  var loose = false;
  var moved_line = null;

  function each(list, act) {
    Array.prototype.forEach.call(list, act);
  }

  function container() {
    return document.querySelector(".design");
  }

  function form() {
    return document.querySelector("form[data-keep]");
  }

  // --- what is said -------------------------------------------------------

  function say(key, more) {
    var box = document.getElementById("kept");
    if (!box) {
      return;
    }
    var words = box.getAttribute("data-" + key).replace("{label}", more || "");
    if (key === "refused") {
      words += more;
    }
    box.hidden = false;
    box.className = "kept" + (key === "saved" || key === "moved" ? " kept-well" : "");
    box.firstElementChild.textContent = words;
  }

  // --- sending ------------------------------------------------------------

  function pair(name, value) {
    return encodeURIComponent(name) + "=" + encodeURIComponent(value);
  }

  // What a form would send, without files, buttons and what only a button takes.
  function pairs(of) {
    var all = [];
    each(of.elements, function (field) {
      var kind = field.type;
      var is_button = kind === "submit" || kind === "button" || kind === "fieldset";
      var is_empty_box = (kind === "checkbox" || kind === "radio") && !field.checked;
      if (!field.name || field.disabled || is_button || is_empty_box || kind === "file") {
        return;
      }
      if (!field.hasAttribute("data-pressed")) {
        all.push(pair(field.name, field.value));
      }
    });
    return all;
  }

  function ask(method, address, body, then) {
    var request = new XMLHttpRequest();
    request.open(method, address);
    if (body !== null) {
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    request.onloadend = function () {
      var page = null;
      if (request.status >= 200 && request.status < 500) {
        page = new DOMParser().parseFromString(request.responseText, "text/html");
      }
      then(request.status, page);
    };
    request.send(body);
  }

  function ours(page) {
    return page && page.querySelector(".design");
  }

  // What the answer says is wrong.
  function reasons(page) {
    var lines = page.querySelectorAll("#faults li, .stop p");
    return Array.prototype.map.call(lines, function (line) {
      return line.textContent;
    }).join(" ");
  }

  // Takes over what stands beside the form, and the version it now is of.
  function adopt(page) {
    var version = page.querySelector("input[name='version']");
    each(document.querySelectorAll("input[name='version']"), function (field) {
      field.value = version.value;
    });
    each(["panel-todo", "panel-history", "export-files"], function (id) {
      var now = document.getElementById(id);
      var next = page.getElementById(id);
      if (now && next) {
        now.innerHTML = next.innerHTML;
      }
    });
    var title = page.querySelector(".design-title");
    if (title) {
      document.querySelector(".design-title").textContent = title.textContent;
    }
  }

  // Somebody else was first: what they did stands above, what was typed stays.
  function behind(page) {
    var told = page.querySelector("#main > .warn");
    if (told) {
      each(document.querySelectorAll("#main > .warn"), function (old) {
        old.parentNode.removeChild(old);
      });
      container().parentNode.insertBefore(document.importNode(told, true), container());
    }
    adopt(page);
  }

  // --- saving while somebody types ----------------------------------------

  function dirty() {
    return typed_count > saved_count;
  }

  // Options are only kept when somebody is done with them: an empty one would go,
  // and a new one would come twice.
  function open_lines() {
    var at = document.activeElement;
    var lines = at && at.closest ? at.closest("[data-lines]") : null;
    if (!lines) {
      return null;
    }
    var blank = Array.prototype.some.call(lines.querySelectorAll("[data-line]"), function (line) {
      return line.value === "";
    });
    var fresh = lines.querySelector("[data-new]");
    return blank || (fresh && fresh.value !== "") ? lines : null;
  }

  function typed() {
    typed_count += 1;
    if (stopped) {
      return;
    }
    say("typing");
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  function keep() {
    if (!open_lines()) {
      save();
    }
  }

  function save() {
    var of = form();
    if (!of || stopped || leaving || under_way || !dirty()) {
      return;
    }
    clearTimeout(timer);
    var count = typed_count;
    var body = pairs(of).concat(pair("do", "auto"));
    if (went_on) {
      body.push(pair("again", "yes"));
    }
    under_way = true;
    say("saving");
    ask("POST", of.getAttribute("action"), body.join("&"), function (status, page) {
      under_way = false;
      if (status === 200 && ours(page)) {
        saved_count = count;
        went_on = true;
        adopt(page);
        lines_of(page);
        say(dirty() ? "typing" : "saved");
        show_again();
        if (dirty()) {
          timer = setTimeout(keep, PAUSE);
        }
        go_on();
      } else if (status === 409 && ours(page)) {
        stopped = true;
        waiting = null;
        behind(page);
        say("behind");
      } else if (status === 422 && ours(page)) {
        waiting = null;
        say("refused", reasons(page));
      } else if (status === 0 || status >= 500) {
        waiting = null;
        say("offline");
        timer = setTimeout(save, AGAIN);
      } else {
        stopped = true;
        waiting = null;
        say("ended");
      }
    });
  }

  // Options that were added or went have other codes now.
  function lines_of(page) {
    each(document.querySelectorAll("[data-lines]"), function (lines) {
      var next = page.getElementById(lines.id);
      var moved = moved_line && lines.contains(moved_line);
      if (!next || (lines.contains(document.activeElement) && !moved)) {
        return;
      }
      var place = moved ? Array.prototype.indexOf.call(lines.children, moved_line) : 0;
      lines.innerHTML = next.innerHTML;
      sorts_lines(lines);
      if (moved) {
        moved_line = null;
        lines.children[place].querySelector(".grip").focus();
      }
    });
  }

  // What waited for the saving: a button, or a link.
  function go_on() {
    var next = waiting;
    waiting = null;
    next = next && !dirty() ? the_same(next) : null;
    if (next) {
      leaving = true;
      next.click();
    }
  }

  // A button of the part that was just drawn anew.
  function the_same(button) {
    if (document.contains(button) || !button.form) {
      return button;
    }
    var of = "form[action='" + button.form.getAttribute("action") + "'] button";
    return document.querySelector(button.value ? of + "[value='" + button.value + "']" : of);
  }

  function watch(of) {
    of.addEventListener("input", function (event) {
      event.target.was = event.target.value;
      typed();
    });
    of.addEventListener("change", function (event) {
      // Of a text every key was told before.
      var field = event.target;
      var was = field.was === undefined ? field.defaultValue : field.was;
      if (!types_text(field) || field.value !== was) {
        field.was = field.value;
        typed();
      }
    });
    of.addEventListener("focusout", function (event) {
      var lines = event.target.closest("[data-lines]");
      if (lines && dirty() && !lines.contains(event.relatedTarget)) {
        clearTimeout(timer);
        timer = setTimeout(save, 0);
      }
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button) {
      pressed = button;
    }
    var link = event.target.closest("a[href]");
    if (link && form() && dirty() && !stopped && !leaving && !event.ctrlKey) {
      event.preventDefault();
      waiting = link;
      save();
    }
  });

  document.addEventListener("submit", function (event) {
    var own = event.target === form();
    if (leaving || stopped) {
      leaving = true;
      return;
    }
    if (under_way || (form() && dirty() && !own)) {
      event.preventDefault();
      waiting = pressed;
      if (own) {
        // The button sends what is typed itself, once the answer is there.
        waiting = null;
        setTimeout(again, 50, pressed);
        return;
      }
      save();
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });

  function again(button) {
    if (under_way) {
      setTimeout(again, 50, button);
    } else if (button && document.contains(button)) {
      button.click();
    }
  }

  window.addEventListener("beforeunload", function (event) {
    if ((dirty() || loose) && !leaving) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  window.addEventListener("pageshow", function (event) {
    leaving = false;
    if (event.persisted) {
      location.reload();
    }
  });

  // --- keys ---------------------------------------------------------------

  function types_text(field) {
    var text = /^(text|search|tel|url|email|number|password)$/;
    return field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && text.test(field.type));
  }

  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || types_text(event.target)) {
      return;
    }
    var key = event.key.toLowerCase();
    var wish = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : "";
    var button = wish && document.querySelector("#panel-history button[value='" + wish + "']");
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // --- moving -------------------------------------------------------------

  var moving = null;

  function grip(item, label, moves) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "grip";
    button.setAttribute("aria-label", document.getElementById("kept")
      .getAttribute("data-grip").replace("{label}", label));
    button.addEventListener("keydown", function (event) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        moves.by(item, event.key === "ArrowUp" ? "up" : "down");
      }
    });
    button.addEventListener("pointerdown", function (event) {
      if (event.button !== 0) {
        return;
      }
      event.preventDefault();
      button.focus();
      button.setPointerCapture(event.pointerId);
      moving = { item: item, moves: moves, to: null };
      item.classList.add("moving");
    });
    button.addEventListener("pointermove", function (event) {
      if (moving && moving.item === item) {
        over(event.clientX, event.clientY);
      }
    });
    button.addEventListener("pointerup", function () {
      if (moving && moving.item === item) {
        drop(moving.to);
      }
    });
    button.addEventListener("pointercancel", function () {
      drop(null);
    });
    item.insertBefore(button, item.firstChild);
  }

  function unmark() {
    each(document.querySelectorAll(".drop-before, .drop-after"), function (marked) {
      marked.classList.remove("drop-before");
      marked.classList.remove("drop-after");
    });
  }

  function over(x, y) {
    if (y < 60) {
      window.scrollBy(0, -20);
    } else if (y > window.innerHeight - 60) {
      window.scrollBy(0, 20);
    }
    unmark();
    moving.to = null;
    var under = document.elementFromPoint(x, y);
    var target = under && under.closest(moving.moves.onto);
    if (!target || target === moving.item || !moving.moves.fits(moving.item, target)) {
      return;
    }
    var box = target.getBoundingClientRect();
    var before = y < box.top + box.height / 2;
    moving.to = { target: target, before: before };
    target.classList.add(before ? "drop-before" : "drop-after");
  }

  function drop(to) {
    if (!moving) {
      return;
    }
    var now = moving;
    moving = null;
    unmark();
    now.item.classList.remove("moving");
    if (to) {
      now.moves.to(now.item, to.target, to.before);
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && moving) {
      drop(null);
    }
  });

  // A press of a button of the list, without leaving the page.
  function press(wish, item) {
    var of = document.getElementById("outline");
    if (under_way || !of) {
      return;
    }
    under_way = true;
    var id = item.id;
    var label = item.getAttribute("data-label");
    var body = pairs(of).concat(pair("do", wish)).join("&");
    ask("POST", of.getAttribute("action"), body, function (status, page) {
      under_way = false;
      if (!ours(page)) {
        say(status === 0 || status >= 500 ? "offline" : "ended");
        return;
      }
      var main = document.getElementById("main");
      var title = document.getElementById("title").value;
      main.innerHTML = page.getElementById("main").innerHTML;
      document.getElementById("title").value = title;
      begin();
      var moved = document.getElementById(id);
      var button = moved && moved.querySelector(".grip");
      if (button) {
        button.focus();
        button.scrollIntoView({ block: "nearest" });
      }
      if (status === 200) {
        say("moved", label);
      } else if (status === 409) {
        say("refused", page.querySelector("#main > .warn").textContent);
      } else {
        say("refused", reasons(page));
      }
    });
  }

  // Questions go before another one, or to the end of a page or of a row.
  var QUESTIONS = {
    onto: "[data-field], .topic",
    fits: function () {
      return true;
    },
    by: function (item, direction) {
      press("field:" + direction + ":" + item.id, item);
    },
    to: function (item, target, before) {
      var id = item.id;
      if (target.hasAttribute("data-page")) {
        var first = target.querySelector("[data-field]:not([data-inner])");
        var at_top = before && first && first !== item;
        press("field:" + (at_top ? "before:" + id + ":" + first.id
          : "into:" + id + ":" + target.id), item);
        return;
      }
      var inner = target.hasAttribute("data-inner");
      var next = before ? target : target.nextElementSibling;
      // Behind a group means behind its row.
      while (!before && !inner && next && (next.hasAttribute("data-inner") || next === item)) {
        next = next.nextElementSibling;
      }
      if (next === item) {
        next = item.nextElementSibling;
      }
      if (next && next.hasAttribute("data-inner") === inner) {
        press("field:before:" + id + ":" + next.id, item);
        return;
      }
      var group = target;
      while (inner && group.hasAttribute("data-inner")) {
        group = group.previousElementSibling;
      }
      var into = inner ? group : target.closest(".topic");
      press("field:into:" + id + ":" + into.id, item);
    }
  };

  var PAGES = {
    onto: ".topic:not(.topic-staff)",
    fits: function () {
      return true;
    },
    by: function (item, direction) {
      press("page:" + direction + ":" + item.id, item);
    },
    to: function (item, target, before) {
      var next = before ? target : target.nextElementSibling;
      if (next === item) {
        next = item.nextElementSibling;
      }
      var is_page = next && next.hasAttribute("data-page") &&
        !next.classList.contains("topic-staff");
      press(is_page ? "page:before:" + item.id + ":" + next.id : "page:last:" + item.id, item);
    }
  };

  // Options change places in the form, which is then saved.
  var OPTIONS = {
    onto: ".option-line",
    fits: function (item, target) {
      return item.parentNode === target.parentNode;
    },
    by: function (item, direction) {
      var up = direction === "up";
      var other = up ? item.previousElementSibling : item.nextElementSibling;
      if (other && other.classList.contains("option-line")) {
        OPTIONS.to(item, other, up);
      }
    },
    to: function (item, target, before) {
      var lines = item.parentNode;
      var label = item.getAttribute("data-label");
      lines.insertBefore(item, before ? target : target.nextElementSibling);
      item.querySelector(".grip").focus();
      moved_line = item;
      typed();
      clearTimeout(timer);
      save();
      say("moved", label);
    }
  };

  function sorts_lines(lines) {
    each(lines.querySelectorAll(".option-line:not(.column-line)"), function (line) {
      grip(line, line.getAttribute("data-label"), OPTIONS);
    });
  }

  // --- the citizens' page beside ------------------------------------------

  // It lives in a tree of its own: its ids and ours do not meet.
  function draw(page) {
    var host = document.querySelector(".live-page");
    if (!live || !host) {
      return;
    }
    var tried = page && page.getElementById("tried");
    var at = live.activeElement ? live.activeElement.id : "";
    while (live.lastElementChild && live.lastElementChild.tagName !== "LINK") {
      live.removeChild(live.lastElementChild);
    }
    if (!tried) {
      var told = document.createElement("p");
      told.textContent = host.getAttribute("data-broken");
      live.appendChild(told);
      return;
    }
    var copy = document.importNode(tried, true);
    each(copy.querySelectorAll("[data-alone]"), function (part) {
      part.parentNode.removeChild(part);
    });
    live.appendChild(copy);
    if (at && live.getElementById(at)) {
      live.getElementById(at).focus();
    }
    wide();
  }

  function wide() {
    var page = live.querySelector(".as-citizen");
    if (page) {
      page.classList[width === "phone" ? "add" : "remove"]("as-citizen-phone");
    }
    container().classList[width === "phone" ? "remove" : "add"]("design-wide");
    each(document.querySelectorAll("#live button[data-width]"), function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-width") === width));
    });
  }

  function show() {
    var box = container();
    var shows = box.getAttribute("data-shows");
    ask("GET", box.getAttribute("data-base") + "/preview?page=" + shows, null, function (_, page) {
      draw(page);
    });
  }

  // The same page with the same answers, as the form is now.
  function show_again(wish) {
    var tried = live && live.querySelector("form");
    if (!tried) {
      if (live) {
        show();
      }
      return;
    }
    var body = pairs(tried).concat(pair("_do", wish || "here")).join("&");
    ask("POST", tried.getAttribute("action"), body, function (status, page) {
      if (status === 200) {
        draw(page);
      }
    });
  }

  function begin_live() {
    var box = document.getElementById("live");
    var host = document.querySelector(".live-page");
    live = null;
    if (!box || !host.attachShadow || document.getElementById("tried")) {
      return;
    }
    live = host.attachShadow({ mode: "open" });
    each(host.getAttribute("data-styles").split(" "), function (address) {
      var style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = address;
      live.appendChild(style);
    });
    var button = null;
    live.addEventListener("click", function (event) {
      button = event.target.closest("button");
      if (event.target.closest("a[href]")) {
        event.preventDefault();
      }
    });
    live.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      show_again(button && button.name === "_do" ? button.value : "here");
    });
    // A choice shows at once what hangs on it; what is typed waits for a button.
    live.addEventListener("change", function (event) {
      if (!types_text(event.target)) {
        show_again();
      }
    });
    each(box.querySelectorAll("button[data-width]"), function (one) {
      one.addEventListener("click", function () {
        width = one.getAttribute("data-width");
        wide();
      });
    });
    box.hidden = false;
    show();
  }

  function begin() {
    if (!container()) {
      return;
    }
    each(document.querySelectorAll(".topic:not(.topic-staff)"), function (topic) {
      grip(topic, topic.getAttribute("data-label"), PAGES);
    });
    each(document.querySelectorAll("[data-field]"), function (line) {
      grip(line, line.getAttribute("data-label"), QUESTIONS);
    });
    if (form()) {
      sorts_lines(form());
      watch(form());
    }
    each(document.querySelectorAll(".desk-main form:not([data-keep])"), function (other) {
      other.addEventListener("input", function () {
        loose = true;
      });
    });
    begin_live();
  }

  begin();
})();
