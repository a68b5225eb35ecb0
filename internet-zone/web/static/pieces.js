// Sends files in pieces, so that a cut connection or a page opened anew loses nothing.
// Without this file, or where the browser lacks what it needs, the form sends them whole.
(function () {
  "use strict";

  // Milliseconds before another try after the first, second, … cut.
  var WAITS = [1000, 2000, 5000, 10000, 20000, 30000];
  // Steps in which a screen reader hears how far it is.
  var STEPS = 4;

  var form = document.querySelector("form[data-uploads]");
  var box = document.getElementById("pieces");
  var subtle = window.crypto && window.crypto.subtle;
  if (!form || !box || !subtle || !window.FormData || !Blob.prototype.slice || !window.FileReader) {
    return;
  }

  var base = form.getAttribute("data-uploads");
  var size = Number(form.getAttribute("data-piece"));
  var bar = box.querySelector("progress");
  var words = box.querySelector("p");
  var pressed = null;
  var running = false;
  // The room for pieces is full: the form brings its files itself.
  var whole = false;
  // Files that are there.
  var came = [];

  function token() {
    return form.querySelector("input[name='_csrf']").value;
  }

  function say(key, values) {
    var text = box.getAttribute("data-" + key);
    Object.keys(values || {}).forEach(function (name) {
      text = text.replace("{" + name + "}", values[name]);
    });
    if (words.textContent !== text) {
      words.textContent = text;
    }
    box.hidden = false;
  }

  function wrong(text) {
    running = false;
    bar.hidden = true;
    box.className = "notice notice-error";
    words.textContent = text;
    box.hidden = false;
    box.focus();
  }

  // Every answer of this way of sending is JSON; anything else is a page for people.
  function read(request) {
    try {
      return JSON.parse(request.responseText);
    } catch (error) {
      return null;
    }
  }

  function ask(method, path, body, done, cut) {
    var request = new XMLHttpRequest();
    request.open(method, path);
    request.onload = function () {
      var answer = read(request);
      var late = request.status === 408;
      if (late || request.status >= 500 || (request.status === 429 && !answer)) {
        cut();
      } else {
        done(request.status, answer);
      }
    };
    request.onerror = cut;
    request.ontimeout = cut;
    request.timeout = 120000;
    if (typeof body === "string") {
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    request.send(body);
  }

  function pairs(values) {
    return Object.keys(values)
      .map(function (name) {
        return encodeURIComponent(name) + "=" + encodeURIComponent(values[name]);
      })
      .join("&");
  }

  function hash(file, done, failed) {
    var reader = new FileReader();
    reader.onerror = failed;
    reader.onload = function () {
      subtle.digest("SHA-256", reader.result).then(function (sum) {
        var hex = "";
        Array.prototype.forEach.call(new Uint8Array(sum), function (byte) {
          hex += (byte < 16 ? "0" : "") + byte.toString(16);
        });
        done(hex);
      }, failed);
    };
    reader.readAsArrayBuffer(file);
  }

  // One file from where it stands to its end.
  function send(input, file, done) {
    var id = null;
    var cuts = 0;

    function show(at) {
      var part = file.size ? at / file.size : 1;
      bar.hidden = false;
      bar.value = part;
      var step = Math.floor(part * STEPS) * (100 / STEPS);
      say("sending", { name: file.name, percent: step });
    }

    function again(next) {
      return function () {
        var wait = WAITS[Math.min(cuts, WAITS.length - 1)];
        cuts += 1;
        say("cut", { name: file.name });
        setTimeout(next, wait);
      };
    }

    function stop(answer) {
      if (answer && answer.whole && can_bring()) {
        whole = true;
        running = false;
        return press();
      }
      wrong((answer && answer.why) || box.getAttribute("data-ended"));
    }

    function begin() {
      var mark = file.size + "." + file.lastModified;
      var about = { _csrf: token(), input: input, name: file.name, size: file.size, mark: mark };
      ask("POST", base, pairs(about), function (status, answer) {
        if (status > 201 || !answer || !answer.id) {
          return stop(answer);
        }
        id = answer.id;
        piece(answer.at);
      }, again(begin));
    }

    function where() {
      ask("GET", base + "/" + id, null, function (status, answer) {
        if (status !== 200 || !answer) {
          return stop(answer);
        }
        piece(answer.at);
      }, again(where));
    }

    function piece(at) {
      show(at);
      if (at >= file.size) {
        return finish();
      }
      var data = new FormData();
      data.append("_csrf", token());
      data.append("at", String(at));
      data.append("piece", file.slice(at, at + size), "piece");
      ask("POST", base + "/" + id, data, function (status, answer) {
        if (!answer || (status !== 200 && status !== 409)) {
          return stop(answer);
        }
        if (answer.at > at) {
          cuts = 0;
        } else if (status === 409) {
          cuts += 1;
          if (cuts > 20) {
            return stop(null);
          }
        }
        piece(answer.at);
      }, again(where));
    }

    function finish() {
      say("checking", { name: file.name });
      hash(file, function (sum) {
        var about = { _csrf: token(), input: input, sha256: sum };
        ask("POST", base + "/" + id + "/finish", pairs(about),
          function (status, answer) {
            if (status !== 200 || !answer) {
              return stop(answer);
            }
            done();
          }, again(finish));
      }, function () {
        stop(null);
      });
    }

    begin();
  }

  // Everything that was chosen and is not there yet. An input whose files all came is emptied: the
  // form must not bring them twice.
  function chosen() {
    var files = [];
    Array.prototype.forEach.call(form.querySelectorAll("input[type='file']"), function (input) {
      var rest = Array.prototype.filter.call(input.files, function (file) {
        return came.indexOf(file) < 0;
      });
      if (!rest.length) {
        input.value = "";
      }
      rest.forEach(function (file) {
        files.push({ input: input, file: file });
      });
    });
    return files;
  }

  // Whether the form can bring the rest itself: not where an input has files that came, too.
  function can_bring() {
    var rest = chosen().length;
    Array.prototype.forEach.call(form.querySelectorAll("input[type='file']"), function (input) {
      rest -= input.files.length;
    });
    return rest === 0;
  }

  // The form goes as it would have, without the files: they are there.
  function go_on() {
    Array.prototype.forEach.call(form.querySelectorAll("input[type='file']"), function (input) {
      input.value = "";
    });
    running = false;
    press();
  }

  function press() {
    (pressed || form.querySelector("button[name='_do']")).click();
  }

  function next(files) {
    if (!files.length) {
      return go_on();
    }
    var first = files[0];
    send(first.input.name, first.file, function () {
      came.push(first.file);
      next(files.slice(1));
    });
  }

  form.addEventListener("click", function (event) {
    if (!running) {
      pressed = event.target.closest ? event.target.closest("button[name='_do']") : null;
    }
  });

  // This script stands before the one that keeps what is typed: what is held back here is
  // no leaving of the page.
  form.addEventListener("submit", function (event) {
    var files = running ? [] : chosen();
    var leaves_out = pressed && /^(back|remove:|row:)/.test(pressed.value);
    if (!running && (whole || !files.length || leaves_out)) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!running) {
      running = true;
      box.className = "notice";
      next(files);
    }
  });
})();
