// Every page works without this file. It makes two things more comfortable:
// after a failed form the list of errors has the focus, and a second press on
// the button of a form that is under way does nothing.
(function () {
  "use strict";

  var SECONDS = 8;

  var summary = document.getElementById("error-summary");
  if (summary) {
    summary.focus();
  }

  function forget(form) {
    form.removeAttribute("data-under-way");
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") {
      return;
    }
    if (form.hasAttribute("data-under-way")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-under-way", "");
    setTimeout(forget, SECONDS * 1000, form);
  });

  // Back to a page the browser kept: its forms may be sent again.
  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(document.querySelectorAll("form[data-under-way]"), forget);
  });
})();
