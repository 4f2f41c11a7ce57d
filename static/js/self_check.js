/* The self-check: fields marked while one types, one half at a time on a phone, met conditions as they were left. */
(() => {
  "use strict";

  const place = document.querySelector("[data-self-check]");
  const form = document.querySelector("#self-check");
  if (!place || !form) return;

  /* What cannot be taken is told beside its field by the server; the field itself is marked here. */
  function mark() {
    const wrong = new Set(Array.from(form.querySelectorAll("[data-wrong]"), (row) => row.dataset.wrong));
    form.querySelectorAll(".field-error[id]").forEach((told) => wrong.add(told.id.replace(/_error$/, "")));
    Array.from(form.elements).forEach((control) => {
      if (!control.id || control.type === "radio" || control.nodeName === "BUTTON" || control.nodeName === "FIELDSET") return;
      const isWrong = wrong.has(control.id);
      control.classList.toggle("is-invalid", isWrong);
      if (!isWrong) control.removeAttribute("aria-invalid");
      else control.setAttribute("aria-invalid", "true");
      const others = (control.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== `${control.id}_error`);
      const told = document.getElementById(`${control.id}_error`) ? [`${control.id}_error`] : [];
      if (others.length + told.length) control.setAttribute("aria-describedby", [...others, ...told].join(" "));
      else control.removeAttribute("aria-describedby");
    });
  }

  /* On a phone one half is shown; the other is a tab away. */
  const narrow = window.matchMedia("(max-width: 991.98px)");
  const button = document.querySelector("[data-pane-switch]");
  function show(pane) {
    place.dataset.showing = pane;
    place.querySelectorAll("[data-pane]").forEach((tab) => {
      if (tab.dataset.pane === pane) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    });
    button.textContent = pane === "fill" ? "查看结论" : "修改数据";
  }
  function turnTo(pane) {
    show(pane);
    place.scrollIntoView();
  }
  place.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-pane]");
    if (!tab || !narrow.matches) return;
    event.preventDefault();
    turnTo(tab.dataset.pane);
  });
  button.addEventListener("click", () => turnTo(place.dataset.showing === "fill" ? "answer" : "fill"));
  show("fill");

  /* Met conditions lie open where there is room, and stay as they were left. */
  let open = !narrow.matches;
  const met = () => place.querySelector(".finding-met-list");
  const keepOpen = () => met() && (met().open = open);
  place.addEventListener("click", (event) => {
    if (event.target.closest(".finding-met-list > summary")) open = !met().open;
  });
  keepOpen();

  /* A press that has begun in the answer is not lost to a new answer: that one comes after it. */
  let pressed = false;
  let held = false;
  place.addEventListener("pointerdown", () => (pressed = true));
  ["pointerup", "pointercancel"].forEach((end) =>
    document.addEventListener(end, () => {
      pressed = false;
      if (!held) return;
      held = false;
      setTimeout(() => window.htmx.trigger(form, "change"));
    }),
  );
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!pressed) return;
    event.detail.shouldSwap = false;
    held = true;
  });

  document.body.addEventListener("htmx:afterSwap", keepOpen);
  document.body.addEventListener("htmx:afterSettle", mark);

  /* Coming back, the browser has put in again what was typed. */
  window.addEventListener("pageshow", () => {
    if (Array.from(form.elements).some((control) => control.type === "text" && control.value)) window.htmx.trigger(form, "change");
  });
})();
