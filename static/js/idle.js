/* Warns two minutes before an idle session runs out, and asks for more time. What happens on any tab
   counts for all. Loaded only on pages of a signed-in person. */
(() => {
  "use strict";
  const WARN = 120e3, QUIET = 60e3, SHARED = "careboard-session-until";
  const meta = document.querySelector('meta[name="session-left"]');
  const dialog = document.getElementById("idle-warning");
  if (!meta) return;
  let until = 0, seen = 0, leaving = false;

  // The server has just heard of this person, and said how many seconds that gives.
  function heard(seconds) {
    if (!(seconds > 0)) return;
    seen = Date.now();
    until = seen + seconds * 1000;
    localStorage.setItem(SHARED, String(until));
    if (dialog?.open) dialog.close();
  }

  function leave(address) {
    if (leaving) return;
    leaving = true;
    location.assign(address || location.pathname + location.search);
  }

  async function stay() {
    seen = Date.now();
    try {
      const answer = await fetch(meta.dataset.stay, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere) leave(elsewhere);
      else if (answer.ok) heard((await answer.json()).left);
    } catch { /* No connection: the clock goes on, and the next try may work. */ }
  }

  function words(ms) {
    const seconds = Math.ceil(ms / 1000);
    if (seconds > 60) return "2 minutes";
    return seconds > 30 ? "1 minute" : `${Math.ceil(seconds / 10) * 10} seconds`;
  }

  function tick() {
    const left = until - Date.now();
    if (left <= 0) leave();
    else if (left <= WARN && dialog) {
      if (!dialog.open) dialog.showModal();
      const place = dialog.querySelector("[data-idle-left]");
      if (place.textContent !== words(left)) place.textContent = words(left);
    }
  }

  // Typing is not idling, though it sends nothing; once the warning stands, only its button counts.
  function active() {
    if (!dialog?.open && Date.now() - seen > QUIET) stay();
  }

  heard(Number(meta.content));
  document.addEventListener("htmx:afterRequest", (event) =>
    heard(Number(event.detail.xhr?.getResponseHeader("Session-Left"))));
  window.addEventListener("storage", (event) => {
    if (event.key !== SHARED || !(Number(event.newValue) > until)) return;
    until = Number(event.newValue);
    if (dialog?.open) dialog.close();
  });
  for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, active, { passive: true });
  dialog?.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  dialog?.querySelector("[data-idle-stay]").addEventListener("click", stay);
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, 1000);
})();
