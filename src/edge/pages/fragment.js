(function () {
  // What stands after "#" is never sent by a browser, so it is posted, and leaves the history with it.
  var fragment = location.hash.slice(1);
  if (!fragment) {
    document.getElementById("relay").hidden = true;
    document.getElementById("idle").hidden = false;
    return;
  }
  var form = document.createElement("form");
  form.method = "post";
  form.action = location.pathname + location.search;
  var field = document.createElement("input");
  field.type = "hidden";
  field.name = "grantproof_fragment";
  field.value = fragment;
  form.appendChild(field);
  document.body.appendChild(form);
  history.replaceState(null, "", location.pathname + location.search);
  form.submit();
})();
