// What a person sees: the page, and for each group of selectors the first element that is shown and enabled.
var groups = arguments[0];
var navigation = performance.getEntriesByType("navigation")[0];
var shown = function (element) {
  return element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
};
var seen = {
  address: location.href,
  title: document.title,
  text: document.body ? document.body.innerText.slice(0, 8000) : "",
  loaded: document.readyState === "complete",
  status: (navigation && navigation.responseStatus) || 0,
  // Another document has another.
  document: performance.timeOrigin,
  elements: [],
};
for (var i = 0; i < groups.length; i += 1) {
  try {
    seen.elements.push(Array.from(document.querySelectorAll(groups[i])).find(shown) || null);
  } catch (error) {
    seen.elements.push("invalid selector");
  }
}
return seen;
