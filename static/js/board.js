/* The risk board: an open cell is marked, and closes by itself or by its button. Without this each
   cell leads to a page of its own. */
(() => {
  "use strict";
  const opened = (detail) => document.getElementById(`c-${detail.id.slice(5)}-${detail.dataset.cell}`);

  function close(detail) {
    const button = opened(detail);
    detail.replaceChildren();
    delete detail.dataset.cell;
    button?.removeAttribute("aria-expanded");
    button?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.('.cell-button[aria-expanded="true"], [data-close-cell]');
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const detail = button.matches("[data-close-cell]")
      ? button.closest(".board .cell-detail")
      : document.querySelector(button.getAttribute("hx-target"));
    if (!detail) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    close(detail);
  }, true);

  document.addEventListener("htmx:load", (event) => {
    const detail = event.detail.elt;
    if (!detail.matches?.(".cell-detail[data-cell]")) return;
    const button = opened(detail);
    button?.closest("tr").querySelectorAll("[aria-expanded]").forEach((b) => b.removeAttribute("aria-expanded"));
    button?.setAttribute("aria-expanded", "true");
  });
  document.addEventListener("keydown", (event) => {
    const detail = event.key === "Escape" && document.activeElement?.closest?.(".board .cell-detail[data-cell]");
    if (detail) close(detail);
  });
})();
