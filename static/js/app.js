/* Behaviour shared by every page. Nothing here is needed for a form to work: without it each one
   posts and the page comes back whole. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // ---- CSRF: read at request time, because a long-open page may have had its token renewed.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });

  // ---- Announcements: the server sends `HX-Trigger: {"announce": "Saved"}`.
  let announceTimer;
  document.addEventListener("announce", (event) => {
    const region = document.getElementById("announcer");
    const text = event.detail?.value ?? event.detail?.message;
    if (!region || !text) return;
    region.textContent = "";
    // Emptied first, so that the same words twice are read out twice.
    setTimeout(() => { region.textContent = text; }, 50);
    clearTimeout(announceTimer);
    announceTimer = setTimeout(() => { region.textContent = ""; }, 8000);
  });

  // ---- Failed requests: htmx swaps nothing for these, so the page must say it.
  const MESSAGES = {
    400: "The request could not be read. Reload the page and try again.",
    403: "You do not have the right to do this.",
    404: "This was not found. It may have been moved or removed.",
    413: "The file is too large.",
    429: "Too many requests. Wait a minute, then try again.",
  };

  function showError(message) {
    const banner = document.getElementById("error-banner");
    if (!banner) return;
    const box = document.createElement("div");
    box.className = "alert alert-danger";
    const text = document.createElement("div");
    text.className = "alert-body";
    text.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-sm alert-close";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => {
      banner.replaceChildren();
      document.getElementById("main")?.focus();
    });
    box.append(text, close);
    banner.replaceChildren(box);
  }

  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    // Our own error fragment carries better words than a table of codes; parsing runs no script.
    const said = new DOMParser().parseFromString(responseText || "", "text/html")
      .querySelector("[data-error-message]")?.textContent.trim();
    showError(said || MESSAGES[status] || "Something went wrong here, and nothing was saved. Try again.");
  });
  document.addEventListener("htmx:sendError", () =>
    showError("CareBoard could not be reached. Check your connection, then try again: nothing is recorded twice."));
  document.addEventListener("htmx:timeout", () =>
    showError("This took too long and was stopped. Try again: nothing is recorded twice."));
  document.addEventListener("htmx:beforeRequest", () =>
    document.getElementById("error-banner")?.replaceChildren());

  // ---- Focus: where the new fragment says, else where it was, never lost to the top of the page.
  let focusedId = null;
  document.addEventListener("htmx:beforeSwap", () => {
    focusedId = document.activeElement?.id || null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const fragment = event.detail.elt ?? event.target;
    const wanted = "[autofocus], [data-focus]";
    const target = fragment.matches?.(wanted) ? fragment : fragment.querySelector?.(wanted);
    if (target) target.focus();
    else if (focusedId && document.activeElement === document.body) {
      document.getElementById(focusedId)?.focus({ preventScroll: true });
    }
  });

  // ---- Double clicks: a second submit is stopped. Buttons keep their focus and their value, so
  // they are marked, not disabled.
  function release(form) {
    if (!(form instanceof HTMLFormElement)) return;
    delete form.dataset.submitting;
    form.querySelectorAll('[type="submit"][aria-disabled]').forEach((b) => b.removeAttribute("aria-disabled"));
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get") return;
    if (form.dataset.submitting) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.submitting = "1";
    form.querySelectorAll('[type="submit"]').forEach((b) => b.setAttribute("aria-disabled", "true"));
    // A form that answers with a download leaves the page standing.
    setTimeout(() => release(form), 10000);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => release(event.detail.elt));
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-submitting]").forEach(release));

  // ---- Filters: <form data-autosubmit> sends itself when a select changes; its button is marked
  // data-js-hide. Enter in a text field still works.
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (control.matches("select") && control.form?.matches("[data-autosubmit]")) control.form.requestSubmit();
    if (control.matches('input[type="file"]')) describeFiles(control);
  });

  // ---- Files: say what was chosen and whether it is too large before it is sent.
  function describeFiles(input) {
    const hint = document.getElementById(`${input.id}-files`);
    if (!hint) return;
    const limit = Number(input.dataset.maxBytes || 0);
    const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
    hint.textContent = Array.from(input.files, (file) =>
      `${file.name}, ${size(file.size)}${limit && file.size > limit ? ` (too large: the limit is ${size(limit)})` : ""}`).join("; ");
    hint.classList.toggle("flag", limit > 0 && Array.from(input.files).some((file) => file.size > limit));
  }

  // ---- A page that came back with errors starts at their summary.
  document.querySelector("[data-focus]")?.focus();
})();
