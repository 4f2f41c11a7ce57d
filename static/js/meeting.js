/* The record of a meeting: J and K choose an enterprise, 1 2 3 note its decision. Without it, radio buttons do. */
(() => {
  "use strict";

  const rows = Array.from(document.querySelectorAll("[data-decide]"));
  if (!rows.length || !rows[0].querySelector("input[type=radio]")) return;
  let at = rows.findIndex((row) => !row.querySelector("input[type=radio]:checked"));
  if (at < 0) at = 0;

  function choose(index) {
    at = Math.min(Math.max(index, 0), rows.length - 1);
    rows.forEach((row, place) => row.classList.toggle("current", place === at));
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function focusOn(row) {
    (row.querySelector("input[type=radio]:checked") || row.querySelector("input[type=radio]")).focus({ preventScroll: true });
  }

  function tell() {
    document.querySelectorAll("[data-count-decided]").forEach((place) => {
      const value = place.dataset.countDecided;
      place.textContent = rows.filter((row) => {
        const chosen = row.querySelector("input[type=radio]:checked");
        return (chosen ? chosen.value : "") === value;
      }).length;
    });
  }

  rows.forEach((row) => row.addEventListener("change", tell));
  rows.forEach((row, index) => row.addEventListener("focusin", () => choose(index)));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]), textarea, select");
    if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      choose(at + (key === "j" ? 1 : -1));
      focusOn(rows[at]);
    } else if ("123".includes(key)) {
      const radio = rows[at].querySelectorAll("input[type=radio]")[Number(key) - 1];
      radio.click();
      if (key === "1") choose(at + 1);
      else rows[at].querySelector(".record-reason").focus();
    } else {
      return;
    }
    event.preventDefault();
  });
  choose(at);
})();
