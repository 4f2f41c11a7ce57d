/* The browser makes the next file of the queue ready while one works on this one, so that it is there at once. When it is shown it
   may be minutes old: it is asked for again, which also tells colleagues who has come, and loaded anew if anything has changed, or
   if the person may no longer see it. */
(() => {
  "use strict";
  const [arrival] = performance.getEntriesByType("navigation");
  const bar = document.querySelector("#vetting-actions");
  if (!bar || !arrival) return;
  function askAgain() {
    const stands = () => bar.querySelector("[data-stands]")?.dataset.stands;
    const before = stands();
    const look = () => {
      if (stands() !== before) location.reload();
    };
    document.addEventListener("htmx:afterSettle", look, { once: true });
    document.addEventListener("htmx:responseError", () => location.reload(), { once: true });
    htmx.trigger(bar, "portal:arrived");
  }
  if (document.prerendering) document.addEventListener("prerenderingchange", askAgain, { once: true });
  else if (arrival.deliveryType === "navigational-prefetch") document.addEventListener("DOMContentLoaded", askAgain);
})();
