/* The score sheet while one types: total, grade, bands and dots at once. The server says the same after each save. */
(() => {
  "use strict";

  const form = document.getElementById("sheet");
  if (!form) return;
  const NAMES = ["不合格", "合格", "良好", "优秀"];
  const TONES = ["unmet", "attention", "met", "met"];
  const bounds = form.dataset.bounds.split(",").map(Number);
  const step = Number(form.dataset.step);
  const whole = Number(form.dataset.maximum);
  const criteria = Array.from(form.querySelectorAll("[data-criterion]"));
  const read = (text) => (/^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : NaN);
  const plain = (value) => String(Math.round(value * 100) / 100);
  const bandOf = (points, maximum) => bounds.filter((bound) => points * 100 >= bound * maximum).length;

  /* Percent of the width of a scale whose four bands are equally wide. */
  function place(points, maximum) {
    const edges = [0, ...bounds.map((bound) => (bound / 100) * maximum), maximum];
    const at = Math.min(bandOf(points, maximum), 3);
    return (at + (points - edges[at]) / (edges[at + 1] - edges[at])) * 25;
  }

  function setDot(scale, points, maximum) {
    if (!scale) return;
    let dot = scale.querySelector(".own");
    if (Number.isNaN(points)) {
      if (dot) dot.remove();
      return;
    }
    if (!dot) {
      dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      dot.setAttribute("class", "own");
      dot.setAttribute("cy", "8");
      dot.setAttribute("r", "5.5");
      scale.append(dot);
    }
    dot.setAttribute("cx", `${place(points, maximum).toFixed(2)}%`);
  }

  function problem(text, points, maximum) {
    const allowed = `应为0至${plain(maximum)}分，每${plain(step)}分一档`;
    if (!text.trim()) return "";
    if (Number.isNaN(points)) return `“${text.trim()}”不是分数，${allowed}。`;
    if (points > maximum) return `超出范围，${allowed}。`;
    return Math.abs(points / step - Math.round(points / step)) > 1e-9 ? `不在档上，${allowed}。` : "";
  }

  function refresh(criterion) {
    const input = criterion.querySelector("[data-points]");
    const reason = criterion.querySelector("[data-reason]");
    const maximum = Number(criterion.dataset.maximum);
    const points = read(input.value);
    const wrong = problem(input.value, points, maximum);
    const error = criterion.querySelector("[data-error]");
    error.hidden = !wrong;
    error.querySelector("span").textContent = wrong;
    input.classList.toggle("is-invalid", Boolean(wrong));
    const good = wrong ? NaN : points;
    const band = Number.isNaN(good) ? -1 : bandOf(good, maximum);
    const words = band < 0 ? "未评分" : `${NAMES[band]}档`;
    const needs = band === 0 || band === 3;
    criterion.querySelector("[data-band]").textContent = needs ? `${words}，${reason.value.trim() ? "理由已写" : "须写理由"}` : words;
    criterion.querySelector("[data-short]").textContent = reason.value.trim();
    criterion.querySelectorAll(".bands li").forEach((item, index) => item.classList.toggle("current", index === band));
    setDot(criterion.querySelector(".score-scale"), good, maximum);
    return good;
  }

  function total() {
    const given = criteria.map(refresh).filter((points) => !Number.isNaN(points));
    const sum = given.reduce((one, other) => one + other, 0);
    document.querySelector("[data-total]").textContent = given.length ? plain(sum) : "—";
    setDot(document.querySelector(".sheet-scale .score-scale"), given.length ? sum : NaN, whole);
    const state = document.querySelector("[data-grade] .state");
    const complete = given.length === criteria.length;
    const at = bandOf(sum, whole);
    state.querySelector("span").textContent = complete ? NAMES[at] : "未评完";
    state.className = `state tone-${complete ? TONES[at] : "neutral"}`;
    const jump = document.querySelector('.phone-jump a[href="#work-side"]');
    if (jump) jump.textContent = `评分 ${given.length}/${criteria.length}`;
  }

  form.addEventListener("input", total);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-up], [data-down]");
    if (!button) return;
    const criterion = button.closest("[data-criterion]");
    const input = criterion.querySelector("[data-points]");
    const points = read(input.value) || 0;
    const next = Math.round(points / step) * step + ("up" in button.dataset ? step : -step);
    input.value = plain(Math.min(Math.max(next, 0), Number(criterion.dataset.maximum)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* Enter goes on to the next criterion; it never submits the sheet. */
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("[data-points]")) return;
    event.preventDefault();
    const inputs = Array.from(form.querySelectorAll("[data-points]"));
    const following = inputs[inputs.indexOf(event.target) + 1] || document.getElementById("comment");
    following.focus();
  });

  /* A slash goes to the search of the file that is open beside the sheet. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, textarea")) return;
    const frame = document.querySelector(".viewer iframe");
    const search = frame && frame.contentDocument && frame.contentDocument.querySelector("[name=words]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });

  /* Materials change beside the sheet without leaving it. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-material]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const answer = await fetch(link.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) {
      location.href = link.href;
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById("materials");
    document.getElementById("materials").replaceWith(document.importNode(part, true));
    history.replaceState(null, "", link.href);
    const current = document.querySelector('#materials a[aria-current][href="' + link.getAttribute("href") + '"]');
    if (current) current.focus();
  });
})();
