/* What is typed into a form is kept in this tab until it has been saved, so that a session which runs
   out loses nothing. Kept by person and form, never passwords or files, for twelve hours at most. */
(() => {
  "use strict";
  const PREFIX = "draft:", LASTS = 12 * 3600e3;
  const whose = document.querySelector('meta[name="drafts-of"]')?.content;
  const store = sessionStorage;
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const keys = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const mark = (key, sent) => { const draft = read(key); if (draft) store.setItem(key, JSON.stringify({ ...draft, sent })); };

  const kept = (form) => form instanceof HTMLFormElement && form.method === "post"
    && !form.querySelector('input[type="password"]') && whose;
  const path = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
  const keyOf = (form) => `${PREFIX}${whose}:${path(form)}`;

  // The fields that a person fills in, each with its place among those of the same name.
  function fields(form) {
    const seen = {};
    return Array.from(form.elements)
      .filter((field) => field.name && field.matches('textarea, select, input:not([type="hidden"], [type="file"], [type="submit"])'))
      .map((field) => [field, field.name, (seen[field.name] = (seen[field.name] ?? -1) + 1)]);
  }
  const ticks = (field) => field.type === "checkbox" || field.type === "radio";
  const chosen = (field) => Array.from(field.options, (option) => option.selected);
  const value = (field) => ticks(field) ? field.checked : field.matches("select") ? chosen(field) : field.value;
  // A list without a chosen option shows its first.
  function givenOf(list) {
    const options = Array.from(list.options, (option) => option.defaultSelected);
    if (!list.multiple && options.length && !options.includes(true)) options[0] = true;
    return options;
  }
  const given = (field) => ticks(field) ? field.defaultChecked : field.matches("select") ? givenOf(field) : field.defaultValue;
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function keep(form) {
    if (!kept(form)) return;
    const changed = fields(form).filter(([field]) => !same(value(field), given(field)))
      .map(([field, name, place]) => [name, place, value(field)]);
    if (changed.length) store.setItem(keyOf(form), JSON.stringify({ at: Date.now(), sent: false, changed }));
    else store.removeItem(keyOf(form));
  }

  function fill(field, wanted) {
    if (same(value(field), wanted)) return false;
    if (ticks(field)) field.checked = wanted;
    else if (field.matches("select")) wanted.forEach((on, place) => { if (field.options[place]) field.options[place].selected = on; });
    else field.value = wanted;
    return true;
  }

  function restore(form) {
    const draft = kept(form) && read(keyOf(form));
    if (!draft || draft.sent) return;
    let put = false;
    for (const [field, name, place] of fields(form)) {
      const found = draft.changed.find((one) => one[0] === name && one[1] === place);
      if (found) put = fill(field, found[2]) || put;
    }
    if (put) tell(form);
  }

  function tell(form) {
    const notice = document.createElement("div");
    notice.className = "alert alert-info";
    const text = document.createElement("div");
    text.className = "alert-body";
    text.textContent = "What you had typed has been put back. It is not saved yet.";
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-sm";
    drop.textContent = "Discard it";
    drop.addEventListener("click", () => { store.removeItem(keyOf(form)); form.reset(); notice.remove(); });
    notice.append(text, drop);
    form.prepend(notice);
    document.dispatchEvent(new CustomEvent("announce", { detail: { value: text.textContent } }));
  }

  // What was sent has arrived if the next page is a signed-in one that does not ask again.
  const refused = document.querySelector("#error-summary");
  for (const key of keys()) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > LASTS) store.removeItem(key);
    else if (draft.sent && (!whose || refused)) mark(key, false);
    else if (draft.sent && key.startsWith(`${PREFIX}${whose}:`)) store.removeItem(key);
  }
  document.querySelectorAll("form").forEach(restore);

  for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
    const form = event.target.form;
    if (form) keep(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!kept(form)) return;
    if (/\/(logout|switch)$/.test(path(form))) keys().filter((key) => key.startsWith(`${PREFIX}${whose}:`)).forEach((key) => store.removeItem(key));
    else mark(keyOf(form), true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The form that asked may be gone from the page by now.
    const { requestConfig, xhr } = event.detail, elt = requestConfig?.elt;
    if (!kept(elt) || !xhr) return;
    const saved = xhr.status >= 200 && xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect")?.startsWith("/login");
    if (saved) store.removeItem(keyOf(elt));
    else mark(keyOf(elt), false);
  });
  document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("form").forEach(restore));
})();
