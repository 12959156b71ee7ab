/* What is typed into a form is kept in this tab until it has been saved, so that a session which runs
   out loses nothing. Kept by person and form, never passwords or files, for twelve hours at most, and
   sealed under a key that only the person's own pages are given: whoever has the tab next reads nothing. */
(() => {
  "use strict";
  const PREFIX = "draft:", LASTS = 12 * 3600e3;
  const about = document.querySelector('meta[name="drafts-of"]');
  // Browsers seal on https and localhost alone; elsewhere nothing is kept.
  const whose = crypto.subtle && about?.content;
  const store = sessionStorage;
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const keys = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));

  // Sealing takes a moment: whatever touches the store waits for its turn.
  let queue = Promise.resolve();
  const next = (act) => { queue = queue.then(act).catch(() => { /* sealed under another key, or full */ }); };
  const drop = (...gone) => next(() => gone.forEach((key) => store.removeItem(key)));
  const mark = (key, sent) => next(() => { const draft = read(key); if (draft) store.setItem(key, JSON.stringify({ ...draft, sent })); });

  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
  // The first seals; those after it were in use before, and open what they sealed.
  const locks = whose ? about.dataset.keys.split(" ").map((key) => crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"])) : [];
  async function seal(plain) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const content = new TextEncoder().encode(JSON.stringify(plain));
    return [text(iv), text(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await locks[0], content))];
  }
  async function unseal([iv, sealed]) {
    const open = async (lock) => crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await lock, bytes(sealed));
    const content = await Promise.any(locks.map(open));
    return JSON.parse(new TextDecoder().decode(content));
  }

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
    const key = keyOf(form);
    if (!changed.length) return drop(key);
    next(async () => store.setItem(key, JSON.stringify({ at: Date.now(), sent: false, sealed: await seal(changed) })));
  }

  function fill(field, wanted) {
    if (same(value(field), wanted)) return false;
    if (ticks(field)) field.checked = wanted;
    else if (field.matches("select")) wanted.forEach((on, place) => { if (field.options[place]) field.options[place].selected = on; });
    else field.value = wanted;
    return true;
  }

  const restore = (form) => next(async () => {
    const draft = kept(form) && read(keyOf(form));
    if (!draft || draft.sent) return;
    const changed = await unseal(draft.sealed);
    let put = false;
    for (const [field, name, place] of fields(form)) {
      const found = changed.find((one) => one[0] === name && one[1] === place);
      if (found) put = fill(field, found[2]) || put;
    }
    if (put) tell(form);
  });

  function tell(form) {
    const notice = document.createElement("div");
    notice.className = "alert alert-info";
    const words = document.createElement("div");
    words.className = "alert-body";
    words.textContent = "What you had typed has been put back. It is not saved yet.";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-sm";
    discard.textContent = "Discard it";
    discard.addEventListener("click", () => { drop(keyOf(form)); form.reset(); notice.remove(); });
    notice.append(words, discard);
    form.prepend(notice);
    document.dispatchEvent(new CustomEvent("announce", { detail: { value: words.textContent } }));
  }

  // What was sent has arrived if the next page is a signed-in one that does not ask again.
  const refused = document.querySelector("#error-summary");
  for (const key of keys()) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > LASTS) drop(key);
    else if (draft.sent && (!whose || refused)) mark(key, false);
    else if (draft.sent && key.startsWith(`${PREFIX}${whose}:`)) drop(key);
  }
  document.querySelectorAll("form").forEach(restore);

  for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
    const form = event.target.form;
    if (form) keep(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!kept(form)) return;
    if (/\/(logout|switch)$/.test(path(form))) next(() => keys().filter((key) => key.startsWith(`${PREFIX}${whose}:`)).forEach((key) => store.removeItem(key)));
    else mark(keyOf(form), true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The form that asked may be gone from the page by now.
    const { requestConfig, xhr } = event.detail, elt = requestConfig?.elt;
    if (!kept(elt) || !xhr) return;
    const saved = xhr.status >= 200 && xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect")?.startsWith("/login");
    if (saved) drop(keyOf(elt));
    else mark(keyOf(elt), false);
  });
  document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("form").forEach(restore));
})();
