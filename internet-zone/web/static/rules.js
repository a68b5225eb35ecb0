// Follows the conditions and calculated values of a page while somebody types, by
// the expressions of the server (domain/src/forms/expr/script.rs). The server stays
// the authority; what this file cannot work out is left as it was drawn.
(function () {
  "use strict";

  // A value is null when it is absent, else [type, value]; numbers count millionths,
  // days count from 1970. What is known in part is [type, least, most].
  var MICRO = 1000000;
  var DAY = 86400000;
  // Thrown where only the server knows: numbers beyond what is exact here.
  var UNKNOWN = { unknown: true };

  function exact(micro) {
    if (Math.abs(micro) > 9007199254740991) {
      throw UNKNOWN;
    }
    return ["n", micro === 0 ? 0 : micro];
  }

  function most(found) {
    return found.length > 2 ? found[2] : found[1];
  }

  // What lies between two values of one type.
  function between(least, last) {
    if (!least || !last) {
      return null;
    }
    return least[1] === last[1] ? least : [least[0], least[1], last[1]];
  }

  function decimal(text) {
    var parts = /^([+-]?)(\d{1,40})(?:\.(\d{1,6})0*)?$/.exec(text);
    if (!parts) {
      return null;
    }
    var fraction = ((parts[3] || "") + "000000").slice(0, 6);
    var micro = Number(parts[2]) * MICRO + Number(fraction);
    return exact(parts[1] === "-" ? -micro : micro);
  }

  function plain(micro) {
    var whole = Math.floor(Math.abs(micro) / MICRO);
    var rest = String(Math.abs(micro) % MICRO);
    var fraction = ("000000" + rest).slice(-6).replace(/0+$/, "");
    return (micro < 0 ? "-" : "") + whole + (fraction ? "." + fraction : "");
  }

  function day(year, month, date) {
    var at = new Date(0);
    at.setUTCFullYear(year, month - 1, date);
    var same = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1;
    return same && at.getUTCDate() === date ? ["d", at.getTime() / DAY] : null;
  }

  function stored_day(text) {
    // A day and a time count by their day.
    var parts = /^(\d{4})-(\d\d)(?:-(\d\d)(?:T.*)?)?$/.exec(text);
    return parts ? day(Number(parts[1]), Number(parts[2]), Number(parts[3] || 1)) : null;
  }

  // A date as far as it is known: all its days.
  function stored_days(text) {
    var parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text);
    if (!parts) {
      return null;
    }
    var year = Number(parts[1]);
    var month = Number(parts[2] || 1);
    if (parts[3]) {
      return day(year, month, Number(parts[3]));
    }
    var ends = !parts[2] || month === 12;
    var after = ends ? day(year + 1, 1, 1) : day(year, month + 1, 1);
    return after && between(day(year, month, 1), ["d", after[1] - 1]);
  }

  function calendar(days) {
    var at = new Date(days * DAY);
    return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
  }

  function iso(days) {
    return new Date(days * DAY).toISOString().slice(0, 10);
  }

  // A number as people type it, as the server reads it (domain/src/forms/check/number.rs).
  function amount(text, unit) {
    var bare = text;
    while (unit && bare.slice(-unit.length) === unit) {
      bare = bare.slice(0, -unit.length);
    }
    bare = bare.trim().replace(/^[\u2010-\u2015\u2212\u2500\u30fc\ufe63\uff70]/, "-");
    return decimal(/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare) ? bare.replace(/,/g, "") : bare);
  }

  // A time of day as people type it, as the server reads it (domain/src/calendar/time.rs).
  function minutes(text) {
    var parts = /^(\u5348[\u524d\u5f8c])?(\d{1,2})(?::?(\d\d)|\u6642(?:(\d{1,2})\u5206|(\u534a))?)$/
      .exec(text.replace(/ /g, ""));
    if (!parts) {
      return null;
    }
    var after_noon = parts[1] === "\u5348\u5f8c";
    var hours = Number(parts[2]);
    var rest = Number(parts[3] || parts[4] || (parts[5] ? 30 : 0));
    if (hours > (parts[1] ? (after_noon ? 11 : 12) : 23) || rest > 59) {
      return null;
    }
    return ["n", ((after_noon ? hours + 12 : hours) * 60 + rest) * MICRO];
  }

  // The values of an input as one of a type; of a number without its unit.
  function typed(values, type, unit) {
    if (!values) {
      return null;
    }
    var first = values.length ? values[0] : "";
    if (type === "l") {
      return ["l", values];
    }
    if (type === "b") {
      return ["b", first === "yes"];
    }
    if (type === "n") {
      return amount(first, unit);
    }
    if (type === "h") {
      return minutes(first);
    }
    if (type === "p") {
      return stored_days(first);
    }
    return type === "d" ? stored_day(first) : ["t", first];
  }

  function constant(node) {
    if (node[0] === "n") {
      return between(decimal(node[1]), decimal(most(node)));
    }
    return node[0] === "d" ? between(stored_day(node[1]), stored_day(most(node))) : node;
  }

  function compare(how, left, right) {
    if (!left || !right || left[0] !== right[0] || left[0] === "l") {
      return false;
    }
    // Texts are the same or not; the language puts them into no order.
    var text = left[0] === "t";
    var low = text ? Number(left[1] !== right[1]) : Number(left[1]);
    var high = text ? low : Number(most(left));
    var from = text ? 0 : Number(right[1]);
    var until = text ? 0 : Number(most(right));
    // It holds when it holds for everything that the two may be.
    switch (how) {
      case "==":
        return low === until && high === from;
      case "!=":
        return high < from || low > until;
      case "<":
        return high < from;
      case "<=":
        return high <= from;
      case ">":
        return low > until;
      default:
        return low >= until;
    }
  }

  // The product of two numbers of millionths, cut off toward zero at the sixth digit.
  function times(left, right) {
    var one = Math.abs(left);
    var other = Math.abs(right);
    var low = one % MICRO;
    if (other > 9000 * MICRO && low) {
      var turned = one;
      one = other;
      other = turned;
      low = one % MICRO;
    }
    if (low * other > 9007199254740991) {
      throw UNKNOWN;
    }
    var product = Math.floor(one / MICRO) * other + Math.floor((low * other) / MICRO);
    return exact((left < 0) === (right < 0) ? product : -product);
  }

  function moved(days, number, sign) {
    if (number % MICRO) {
      return null;
    }
    var to = days + (sign * number) / MICRO;
    var year = Math.abs(to) < 4000000 ? calendar(to).year : 0;
    if (year < 1 || year > 9999) {
      throw UNKNOWN;
    }
    return ["d", to];
  }

  function arithmetic(how, left, right) {
    if (!left || !right) {
      return null;
    }
    var kinds = left[0] + right[0];
    var known = right.length === 2;
    if (kinds === "nn" && how === "*") {
      return known && left.length === 2 ? times(left[1], right[1]) : null;
    }
    if (kinds === "nn" && how === "+") {
      return between(exact(left[1] + right[1]), exact(most(left) + most(right)));
    }
    if (kinds === "nn") {
      return between(exact(left[1] - most(right)), exact(most(left) - right[1]));
    }
    if (kinds === "dn" && how !== "*") {
      var sign = how === "-" ? -1 : 1;
      return known ? between(moved(left[1], right[1], sign), moved(most(left), right[1], sign)) : null;
    }
    if (kinds !== "dd" || how !== "-") {
      return null;
    }
    return between(exact((left[1] - most(right)) * MICRO), exact((most(left) - right[1]) * MICRO));
  }

  function either(how, left, right) {
    if (!left || !right || left[0] !== right[0]) {
      return null;
    }
    var pick = how === "least" ? Math.min : Math.max;
    return between([left[0], pick(left[1], right[1])], [left[0], pick(most(left), most(right))]);
  }

  function age(birth, on) {
    var born = calendar(birth);
    var now = calendar(on);
    var had = now.month > born.month || (now.month === born.month && now.day >= born.day);
    return exact(Math.max(0, now.year - born.year - (had ? 0 : 1)) * MICRO);
  }

  function fiscal_year(days) {
    var at = calendar(days);
    return exact((at.month >= 4 ? at.year : at.year - 1) * MICRO);
  }

  // What an expression sees in a row of a group.
  function in_row(scope, group, key) {
    return {
      shown: scope.shown,
      values: scope.values,
      made: scope.made,
      rows: scope.rows,
      row: scope.rows(group)[key] || blank(),
      at: group + "." + key + "."
    };
  }

  // What the rows of a group come to.
  function over(node, scope) {
    if (!scope.shown(node[2])) {
      if (node[1] === "count") {
        return ["n", 0];
      }
      return node[1] === "any" || node[1] === "all" ? ["b", false] : null;
    }
    var rows = scope.values(node[2]) || [];
    var counted = 0;
    var made = node[1] === "sum" ? ["n", 0] : null;
    rows.forEach(function (key) {
      var row = in_row(scope, node[2], key);
      if (node[4] && !holds(node[4], row)) {
        return;
      }
      counted += 1;
      var one = node[3] ? value(node[3], row) : null;
      if (!one) {
        return;
      }
      if (node[1] === "sum") {
        made = arithmetic("+", made, one);
      } else {
        made = made ? either(node[1] === "min" ? "least" : "greatest", made, one) : one;
      }
    });
    switch (node[1]) {
      case "count":
        return ["n", counted * MICRO];
      case "any":
        return ["b", counted > 0];
      case "all":
        return ["b", counted === rows.length];
      default:
        return made;
    }
  }

  function input(node, scope) {
    if (node[0] === "r") {
      if (!scope.row.shown[node[3]]) {
        return null;
      }
      return typed(made_of(scope.row, node[3]) || scope.values(scope.at + node[1]), node[2], node[4]);
    }
    if (!scope.shown(node[3])) {
      return null;
    }
    return typed(scope.made(node[3]) || scope.values(node[1]), node[2], node[4]);
  }

  function holds(node, scope) {
    var found = value(node, scope);
    return found !== null && found[0] === "b" && found[1];
  }

  // The value of an expression.
  function value(node, scope) {
    if (node === null) {
      return null;
    }
    function of(n) {
      return value(node[n], scope);
    }
    var rest = node.slice(1);
    var found;
    switch (node[0]) {
      case "i":
      case "r":
        return input(node, scope);
      case "!":
        return ["b", !holds(node[1], scope)];
      case "&":
        return ["b", rest.every(function (part) { return holds(part, scope); })];
      case "|":
        return ["b", rest.some(function (part) { return holds(part, scope); })];
      case "in":
        found = of(1);
        return ["b", node[2].some(function (one) { return compare("==", found, constant(one)); })];
      case "==":
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=":
        return ["b", compare(node[0], of(1), of(2))];
      case "+":
      case "-":
      case "*":
        return arithmetic(node[0], of(1), of(2));
      case "least":
      case "greatest":
        return either(node[0], of(1), of(2));
      case "floor":
        found = of(1);
        var unit = decimal(node[2])[1];
        return found && between(
          exact(Math.floor(found[1] / unit) * unit),
          exact(Math.floor(most(found) / unit) * unit)
        );
      case "answered":
        if (node[3] ? !scope.row.shown[node[1]] : !scope.shown(node[1])) {
          return ["b", false];
        }
        return ["b", node[2].some(function (name) {
          var made = node[3] ? made_of(scope.row, node[1]) : scope.made(node[1]);
          var given = made || scope.values(node[3] ? scope.at + name : name);
          return Boolean(given) && given.some(function (one) { return one !== ""; });
        })];
      case "selected":
        found = of(1);
        return ["b", found !== null && found[1].indexOf(node[2]) >= 0];
      case "count":
        found = of(1);
        return ["n", (found ? found[1].length : 0) * MICRO];
      case "age":
        found = [of(1), of(2)];
        return found[0] && found[1]
          ? between(age(most(found[0]), found[1][1]), age(found[0][1], most(found[1])))
          : null;
      case "year":
        found = of(1);
        return found && between(fiscal_year(found[1]), fiscal_year(most(found)));
      case "over":
        return over(node, scope);
      default:
        return constant(node);
    }
  }

  // A value as an answer holds it; nothing of what is known in part only.
  function written(found) {
    if (!found || found.length > 2) {
      return [];
    }
    if (found[0] === "l") {
      return found[1];
    }
    if (found[0] === "b") {
      return found[1] ? ["yes"] : [];
    }
    var text = found[0] === "n" ? plain(found[1]) : found[0] === "d" ? iso(found[1]) : found[1];
    return text === "" ? [] : [text];
  }

  // Does something unless only the server knows it.
  function where_known(act) {
    try {
      act();
    } catch (why) {
      if (why !== UNKNOWN) {
        throw why;
      }
    }
  }

  // What is known of the fields of a page, or of a row, by their ids.
  function blank() {
    return { shown: {}, needed: {}, made: {}, offered: {} };
  }

  // What is calculated for a field, as an answer holds it; null for one that is typed.
  function made_of(known, id) {
    if (known.made[id] && known.made[id].unknown) {
      throw UNKNOWN;
    }
    return known.made[id] ? written(known.made[id].is) : null;
  }

  // Enters the next field into what is known.
  function enter(field, known, scope, as_drawn, ended) {
    var is = as_drawn;
    where_known(function () {
      if (!field.fixed) {
        is = !ended && (field.when === undefined || holds(field.when, scope));
      }
    });
    known.shown[field.id] = is;
    if (!is) {
      return;
    }
    if (field.value !== undefined) {
      known.made[field.id] = { unknown: true };
      where_known(function () {
        known.made[field.id] = { is: value(field.value, scope) };
      });
    }
    known.offered[field.id] = {};
    Object.keys(field.options || {}).forEach(function (code) {
      where_known(function () {
        known.offered[field.id][code] = holds(field.options[code], scope);
      });
    });
  }

  // Enters whether an answer is needed: that may hang on what stands further down.
  function need(field, known, scope) {
    if (known.shown[field.id] && field.needed !== undefined) {
      where_known(function () {
        known.needed[field.id] = holds(field.needed, scope);
      });
    }
  }

  // What is shown of a page, what is needed, offered and calculated, and the same of the rows of its
  // groups by their keys. `drawn` says how the server drew a field, `values` what is typed in an input.
  function run(fields, drawn, values) {
    var now = blank();
    var rows = {};
    var ended = false;
    var scope = {
      shown: function (id) { return now.shown[id] === true; },
      made: function (id) { return made_of(now, id); },
      rows: function (group) { return rows[group] || {}; },
      values: values
    };
    fields.forEach(function (field) {
      enter(field, now, scope, drawn(field.id), ended);
      var is = now.shown[field.id];
      ended = ended || (is && field.exit === true);
      if (!is || !field.rows) {
        return;
      }
      rows[field.id] = {};
      (values(field.id) || []).forEach(function (key) {
        rows[field.id][key] = blank();
        var inner = in_row(scope, field.id, key);
        field.rows.forEach(function (one) {
          enter(one, inner.row, inner, drawn(inner.at + one.id), false);
        });
      });
    });
    fields.forEach(function (field) {
      need(field, now, scope);
      Object.keys(scope.rows(field.id)).forEach(function (key) {
        var inner = in_row(scope, field.id, key);
        field.rows.forEach(function (one) {
          need(one, inner.row, inner);
        });
      });
    });
    now.rows = scope.rows;
    now.written = written;
    return now;
  }

  window.madoguchi_rules = run;

  var form = document.querySelector("form[data-rules]");
  var said = document.getElementById("rules-said");
  if (!form || !said) {
    return;
  }
  var fields = JSON.parse(form.getAttribute("data-rules"));
  // What is not on the page for the moment, with everything typed in it.
  var aside = {};

  function place(id) {
    return form.querySelector("[data-field='" + id + "']");
  }

  function narrow(text) {
    return text
      .replace(/[\uff01-\uff5e]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 0xfee0); })
      .replace(/[\u3000\s]+/g, " ")
      .trim();
  }

  // First and last day of each era; on two days the old one and the new one were both in use.
  var ERAS = {
    meiji: ["1868-01-25", "1912-07-30"],
    taisho: ["1912-07-30", "1926-12-25"],
    showa: ["1926-12-25", "1989-01-07"],
    heisei: ["1989-01-08", "2019-04-30"],
    reiwa: ["2019-05-01", "9999-12-31"]
  };

  // Names of the dates that may be known in part, in rows without their keys.
  var partial = {};
  fields.forEach(function (field) {
    partial[field.id] = field.partial === true;
    (field.rows || []).forEach(function (one) {
      partial[field.id + "." + one.id] = one.partial === true;
    });
  });

  // A date or month typed in parts, as it is stored.
  function in_parts(name) {
    function part(which, unit) {
      var box = form.querySelector("[name='" + name + "." + which + "']");
      return box ? narrow(box.value).replace(/ /g, "").replace(unit, "") : null;
    }
    function number(text) {
      return /^\d{1,4}$/.test(text) ? Number(text) : NaN;
    }
    var typed_year = part("year", /\u5e74+$/);
    if (typed_year === null) {
      return null;
    }
    var year = typed_year === "\u5143" ? 1 : number(typed_year);
    // A year of four digits can only be western, whatever era is chosen; one of fewer is of an era.
    var era = year < 1000 ? ERAS[part("era", "")] : null;
    if (year < 1000) {
      year = year > 0 && era ? Number(era[0].slice(0, 4)) + year - 1 : NaN;
    }
    var month = part("month", /\u6708+$/);
    var date = part("day", /\u65e5+$/);
    var open = date === "" && partial[name.replace(/\.\d+\./, ".")] === true;
    var year_alone = open && month === "";
    var no_day = open || date === null;
    var found = day(year, year_alone ? 1 : number(month), no_day ? 1 : number(date));
    var text = found ? iso(found[1]).slice(0, year_alone ? 4 : no_day ? 7 : 10) : "";
    // A day before its era began or after it ended is none.
    var days = stored_days(text);
    var in_era = !era || (days && most(days) >= stored_day(era[0])[1] && days[1] <= stored_day(era[1])[1]);
    return [in_era ? text : ""];
  }

  // What was put into an order, by its ranks; null when nothing is.
  function in_order(name) {
    var boxes = form.querySelectorAll("select[name^='" + name + ".']");
    var ranks = Array.prototype.filter.call(boxes, function (box) { return /^\d{0,4}$/.test(box.value); });
    if (!ranks.length || ranks.length !== boxes.length) {
      return null;
    }
    var ranked = ranks.filter(function (box) { return box.value !== ""; });
    ranked.sort(function (one, other) { return Number(one.value) - Number(other.value); });
    return ranked.map(function (box) { return box.name.slice(name.length + 1); });
  }

  // What is typed in an input; null when it is not on the page.
  function values(name) {
    var boxes = form.querySelectorAll("[name='" + name + "']");
    if (!boxes.length) {
      return in_parts(name) || in_order(name);
    }
    var given = [];
    Array.prototype.forEach.call(boxes, function (box) {
      var is_box = box.type === "checkbox" || box.type === "radio";
      if (is_box ? box.checked : box.type !== "file") {
        var text = box.type === "hidden" || is_box || box.tagName === "SELECT" ? box.value : narrow(box.value);
        if (text !== "") {
          given.push(text);
        }
      }
    });
    return given;
  }

  function label(where) {
    var named = where.querySelector("legend, label, h2");
    return named ? named.firstChild.textContent.trim() : "";
  }

  // Whoever was in a question that goes is in the one before it.
  function keep_focus(where) {
    if (!where.contains(document.activeElement)) {
      return;
    }
    var before = where.previousElementSibling;
    while (before) {
      var box = before.querySelector("input:not([type='hidden']), select, textarea, button");
      if (box) {
        box.focus();
        return;
      }
      before = before.previousElementSibling;
    }
  }

  function hide(id, where) {
    keep_focus(where);
    aside[id] = document.createDocumentFragment();
    while (where.firstChild) {
      aside[id].appendChild(where.firstChild);
    }
    where.hidden = true;
  }

  function show(id, where) {
    if (where.tagName === "TEMPLATE") {
      var fresh = document.createElement("div");
      fresh.setAttribute("data-field", id);
      fresh.appendChild(document.importNode(where.content, true));
      where.parentNode.replaceChild(fresh, where);
      return fresh;
    }
    where.appendChild(aside[id]);
    where.hidden = false;
    return where;
  }

  function is_shown(id) {
    var where = place(id);
    return Boolean(where) && where.tagName !== "TEMPLATE" && !where.hidden;
  }

  function write(field, found, box) {
    if (!box) {
      return;
    }
    var text = "";
    if (found && found.length > 2) {
      found = null;
    }
    if (found && found[0] === "n") {
      var parts = plain(found[1]).split(".");
      parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
      text = parts.join(".") + field.unit;
    } else if (found && found[0] === "d") {
      // Days are told in the calendar of the reader: the server does, with the button.
      return;
    } else if (found) {
      text = found[1];
    }
    if (box.textContent.trim() === text) {
      return;
    }
    if (text === "") {
      box.textContent = said.getAttribute("data-none");
    } else {
      box.textContent = "";
      var strong = document.createElement("strong");
      strong.textContent = text;
      box.appendChild(strong);
    }
  }

  // 必須 or 任意 behind the question.
  function mark(where, needed) {
    var sign = where.querySelector(".need");
    if (sign && sign.classList.contains("need-required") !== needed) {
      sign.className = needed ? "need need-required" : "need";
      sign.textContent = said.getAttribute(needed ? "data-required" : "data-optional");
    }
  }

  function tell(told, key, where) {
    var row = where.closest(".row");
    var words = label(where);
    if (words) {
      words = row ? label(row) + " " + words : words;
      told.push(said.getAttribute(key).replace("{label}", words));
    }
  }

  // An option of a question; one that is not offered waits in a template.
  function option(where, code) {
    var value = "[value='" + code + "']";
    var box = where.querySelector("[data-option='" + code + "'], .choice-input" + value + ", option" + value);
    return box && (box.closest(".choice") || box);
  }

  // Offers an option or takes it away; whether that changed anything.
  function offer(where, code, should) {
    var is = option(where, code);
    if (!is || should === (is.tagName !== "TEMPLATE")) {
      return false;
    }
    if (should) {
      is.parentNode.replaceChild(is.content.firstElementChild, is);
      return true;
    }
    var waits = document.createElement("template");
    var box = is.querySelector("input[type='radio']");
    if (box) {
      // Back among the others it must not take the place of what was chosen since.
      box.checked = false;
    }
    keep_focus(is);
    waits.setAttribute("data-option", code);
    is.parentNode.replaceChild(waits, is);
    waits.content.appendChild(is);
    return true;
  }

  // Draws one field of the page or of a row; whether what is typed on the page changed by it.
  function draw(field, name, known, told) {
    var where = place(name);
    if (!where) {
      return false;
    }
    var should = known.shown[field.id];
    var other = should !== is_shown(name);
    if (other) {
      if (should) {
        where = show(name, where);
        tell(told, "data-more", where);
      } else {
        tell(told, "data-less", where);
        hide(name, where);
      }
    }
    if (!should) {
      return other;
    }
    if (known.needed[field.id] !== undefined) {
      mark(where, known.needed[field.id]);
    }
    var made = known.made[field.id];
    if (made && !made.unknown) {
      write(field, made.is, where.querySelector("output"));
    }
    var changed = Object.keys(known.offered[field.id]).filter(function (code) {
      return offer(where, code, known.offered[field.id][code]);
    });
    if (changed.length) {
      tell(told, "data-options", where);
    }
    return other || changed.length > 0;
  }

  function step(told) {
    var now = run(fields, is_shown, values);
    var again = false;
    fields.forEach(function (field) {
      again = draw(field, field.id, now, told) || again;
      Object.keys(now.rows(field.id)).forEach(function (key) {
        field.rows.forEach(function (one) {
          again = draw(one, field.id + "." + key + "." + one.id, now.rows(field.id)[key], told) || again;
        });
      });
    });
    return again;
  }

  function follow() {
    var told = [];
    // What was typed comes and goes with its question or option: what hangs on it is looked at again.
    var rounds = 0;
    while (rounds < 9 && step(told)) {
      rounds += 1;
    }
    if (told.length) {
      said.textContent = told.join(" ");
    }
  }

  run.values = values;
  form.addEventListener("input", follow);
  form.addEventListener("change", follow);
  window.addEventListener("pageshow", follow);
})();
