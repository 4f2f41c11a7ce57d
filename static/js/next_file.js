/* The next file of the queue is fetched while one works on this one, so that it is there at once. When it is shown it may be
   minutes old: it is asked for again, which also tells colleagues who has come, and loaded anew if anything has changed. */
(() => {
  "use strict";
  const [arrival] = performance.getEntriesByType("navigation");
  const bar = document.querySelector("#vetting-actions");
  if (!bar || !arrival || arrival.deliveryType !== "navigational-prefetch") return;
  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener(
      "htmx:afterSettle",
      () => {
        if (document.querySelector("#vetting-actions").dataset.stands !== bar.dataset.stands) location.reload();
      },
      { once: true },
    );
    htmx.trigger(bar, "portal:arrived");
  });
})();
