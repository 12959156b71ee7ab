/* The sheet of readings: Enter goes on to the next box, Shift and Enter back. After the last box
   comes the button, so that what was typed is sent by pressing Enter there. */
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    const sheet = event.target.closest?.("form[data-sheet]");
    if (!sheet || event.key !== "Enter" || event.isComposing || !event.target.matches("input[type=text]")) return;
    const stops = [...sheet.querySelectorAll("input[type=text], [data-sheet-end]")];
    const next = stops[stops.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    event.preventDefault();
    if (!next) return;
    next.focus();
    if (next.matches("input")) next.select();
  });
})();
