/* Sections of the application: figures that are wrong, modes, the total length. */
(() => {
  "use strict";

  const form = document.querySelector("#section");
  if (!form) return;

  /* What a save has found wrong in a row of figures is marked at its fields. */
  document.addEventListener("htmx:oobAfterSwap", () => {
    const wrong = new Set(Array.from(document.querySelectorAll("[data-wrong]")).flatMap((row) => row.dataset.wrong.split(" ")));
    form.querySelectorAll(".figures input").forEach((input) => {
      input.classList.toggle("is-invalid", wrong.has(input.name));
      if (wrong.has(input.name)) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
  });

  /* The main mode is not offered a second time among the others. */
  const others = Array.from(form.querySelectorAll('[name="other_modes"]'));
  const offer = () => {
    const main = form.querySelector('[name="main_mode"]:checked');
    others.forEach((box) => {
      box.disabled = Boolean(main) && box.value === main.value;
      if (box.disabled) box.checked = false;
    });
  };
  form.addEventListener("change", offer);
  if (others.length) offer();

  /* Characters of the whole narrative, blanks left out. */
  const total = document.querySelector("[data-total-of]");
  if (total) {
    const count = () => {
      const written = Array.from(form.querySelectorAll("textarea")).reduce((sum, area) => sum + Array.from(area.value.replace(/\s/g, "")).length, 0);
      total.textContent = written.toLocaleString("en-US");
      total.classList.toggle("tone-attention", written > Number(total.dataset.limit));
    };
    form.addEventListener("input", count);
  }
})();
