/* Shared behaviour. Everything works without it: forms post, links navigate, menus are <details>. */
(() => {
  "use strict";

  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector, within = document) => within.querySelector(selector);
  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";
  const isTyping = (element) => Boolean(element && element.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]"));

  /* htmx posts carry the CSRF token. */
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
  });

  document.addEventListener("input", (event) => count(event.target));
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-submit-on-change]")) event.target.form.requestSubmit();
    const choice = event.target.checked && event.target.closest("[data-checks]");
    if (choice) document.getElementById(choice.dataset.checks).checked = true;
  });

  /* Details that are asked only where an answer calls for them. */
  const isFilled = (control) => (/^(checkbox|radio)$/.test(control.type) ? control.checked : control.value);
  const showDetails = () =>
    all("[data-shown-for]").forEach((place) => {
      const chosen = one(`[name="${place.dataset.shownFor}"]:checked`);
      const wanted = chosen && (place.dataset.shownWhen ? chosen.value === place.dataset.shownWhen : chosen.value !== "NONE");
      place.hidden = !wanted && !all("input, select, textarea", place).some(isFilled);
    });
  document.addEventListener("change", showDetails);
  showDetails();

  /* The sum of what stands in the fields whose names begin alike. */
  document.addEventListener("input", () =>
    all("[data-sum-of]").forEach((place) => {
      const numbers = all(`input[name^="${place.dataset.sumOf}"]`).map((control) => Number(control.value) || 0);
      place.textContent = numbers.reduce((sum, number) => sum + number, 0);
    }),
  );

  /* Characters written, against a soft limit. */
  function count(control) {
    const place = control.id && one(`[data-count-of="${CSS.escape(control.id)}"]`);
    if (!place) return;
    const written = Array.from(control.value).length;
    one("[data-count-now]", place).textContent = written;
    place.classList.toggle("over", written > Number(control.dataset.count));
  }

  /* A second click does not submit twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.target === "_blank") return;
    if (form.dataset.leaving) {
      event.preventDefault();
      return;
    }
    form.dataset.leaving = "1";
    setTimeout(() => delete form.dataset.leaving, 8000);
  });
  window.addEventListener("pageshow", () => all("form[data-leaving]").forEach((form) => delete form.dataset.leaving));

  /* Text of an article, a comment, a version: a[data-dialog] opens its page's main part in the dialog. */
  const textDialog = () => one("#text-dialog");

  async function openText(link) {
    const dialog = textDialog();
    try {
      const answer = await fetch(link.href, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = one("[data-dialog-part]", page) || one("main", page) || page.body;
      const title = one("h1", page);
      one("#text-dialog-title").textContent = (title && title.textContent.trim()) || link.title || link.textContent.trim();
      if (title && part.contains(title)) title.remove();
      one("[data-dialog-body]", dialog).replaceChildren(...Array.from(document.importNode(part, true).childNodes));
      dialog.showModal();
    } catch (problem) {
      location.href = link.href;
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && textDialog() && textDialog().showModal && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
      event.preventDefault();
      openText(link);
      return;
    }
    const local = event.target.closest("[data-open-dialog]");
    if (local) {
      const dialog = document.getElementById(local.dataset.openDialog);
      if (dialog && dialog.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
    else if (event.target.nodeName === "DIALOG") event.target.close();
    else if (event.target.closest("[data-show-keys]")) showKeys();
    else if (event.target.closest("[data-print]")) window.print();
    else if (event.target.closest("[data-fill]")) fill(event.target.closest("[data-fill]"));
    else if (event.target.closest("[data-copy]")) copy(event.target.closest("[data-copy]"));
    all("details.menu[open], details.demo-move[open], details.switch[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  /* <button type="button" data-copy="password-url">: the text of a field, to be pasted elsewhere. */
  async function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = "已复制";
  }

  /* <button type="button" data-fill="id_reason" data-text="…">: a stock phrase or a mended value put into a field. */
  function fill(button) {
    const control = document.getElementById(button.dataset.fill);
    if (!control) return;
    const adding = control.nodeName === "TEXTAREA" && control.value.trim() && !("replace" in button.dataset);
    control.value = adding ? `${control.value.trimEnd()}\n${button.dataset.text}` : button.dataset.text;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
    control.focus();
  }

  /* Keys. [data-key="j"] is followed, pressed or checked; J and K also walk the rows of a list. With data-key-focuses a grave
     button is only gone to: Enter then presses it. */
  const rows = () => all("[data-rows] .row-link, [data-rows] [data-row]");

  function walk(step) {
    const links = rows();
    if (!links.length) return false;
    const at = links.findIndex((link) => link.closest("tr, li") === (document.activeElement && document.activeElement.closest("tr, li")));
    const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    links.forEach((link) => link.closest("tr, li").classList.toggle("current", link === next));
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function act(target) {
    if (target.disabled) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.nodeName) || "keyFocuses" in target.dataset) target.focus();
    if (!isTyping(target) && !("keyFocuses" in target.dataset)) target.click();
  }

  /* What Ctrl+Enter presses: the page's main button; in a small form beside it, that form's own. */
  function primaryOf(target) {
    const primary = one("[data-primary]:not(:disabled)");
    const own = target.nodeName === "TEXTAREA" && target.form;
    const send = own && primary && primary.form !== own && one("button[type=submit]", own);
    return send || primary;
  }

  function showKeys() {
    const dialog = one("#keys-dialog");
    if (!dialog || !dialog.showModal) return;
    const entries = new Map();
    const add = (key, words) => {
      const known = entries.get(key) || [];
      if (words && !known.includes(words)) known.push(words);
      entries.set(key, known);
    };
    if (rows().length) {
      add("J", "下一行");
      add("K", "上一行");
      add("Enter", "打开");
    }
    all("[data-key]").forEach((target) => {
      const group = target.closest(".segments") && target.closest(".segments").querySelector("legend");
      const words = target.dataset.keyWord || target.textContent.trim();
      add(target.dataset.key.toUpperCase(), group ? `${group.textContent.trim()}：${words}` : words);
    });
    if (one("[data-search]")) add("/", "查找");
    const primary = one("[data-primary]");
    if (primary) add("Ctrl+Enter", primary.dataset.keyWord || primary.firstChild.textContent.trim());
    if (primary) add("Esc", "离开输入框，再用快捷键");
    add("?", "显示全部快捷键");
    one("[data-keys-list]", dialog).replaceChildren(
      ...Array.from(entries).flatMap(([key, words]) => {
        const term = document.createElement("dt");
        const stroke = document.createElement("kbd");
        const meaning = document.createElement("dd");
        stroke.textContent = key;
        term.append(stroke);
        meaning.textContent = words.slice(0, 3).join("、");
        return [term, meaning];
      }),
    );
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.target.closest(".error-summary")) return; // who is told of errors goes on typing
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const primary = primaryOf(event.target);
      if (primary && !one("dialog[open]")) {
        event.preventDefault();
        primary.click();
      }
      return;
    }
    if (event.key === "Escape" && isTyping(event.target) && !one("dialog[open]")) {
      event.target.blur(); // so that the keys work again
      return;
    }
    if (event.ctrlKey || event.metaKey || isTyping(event.target) || one("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (event.key === "?") {
      event.preventDefault();
      showKeys();
      return;
    }
    if (key === "/" && one("[data-search]")) {
      event.preventDefault();
      one("[data-search]").focus();
      return;
    }
    const target = all("[data-key]").find((element) => element.dataset.key.toLowerCase() === key);
    if (target) {
      event.preventDefault();
      act(target);
    } else if ((key === "j" && walk(1)) || (key === "k" && walk(-1))) {
      event.preventDefault();
    }
  });

  /* form[data-keep]: what is typed stays in this tab until a page confirms that it has arrived, and stands there again when the
     form is opened again: after an ended session, a cut network. Where a form serves several things, data-keep tells which. */
  const keptPlace = (form) => `typed ${document.body.dataset.person} ${form.getAttribute("action") || location.pathname} ${form.id} ${form.dataset.keep}`;
  const typedIn = (form) => Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "show"].includes(name));
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "keep" in form.dataset) sessionStorage.setItem(keptPlace(form), JSON.stringify(typedIn(form)));
  });
  document.addEventListener("submit", (event) => "keep" in event.target.dataset && sessionStorage.setItem("sent", keptPlace(event.target)));
  window.addEventListener("pageshow", (event) => event.persisted && sessionStorage.removeItem("sent"));

  function putBack(form, typed) {
    Array.from(form.elements).forEach((control) => {
      const values = typed.filter(([name]) => name === control.name).map(([, value]) => value);
      if (/^(checkbox|radio)$/.test(control.type)) control.checked = values.includes(control.value);
      else if (values.length) control.value = values[0];
      count(control);
    });
  }

  if (document.body.dataset.person && one(".message.tone-met, .message.tone-info")) sessionStorage.removeItem(sessionStorage.getItem("sent"));
  sessionStorage.removeItem("sent");
  all("form[data-keep]").forEach((form) => {
    const place = keptPlace(form);
    const stood = typedIn(form);
    const kept = sessionStorage.getItem(place) || JSON.stringify(stood);
    const isGivenBack = "answer" in document.body.dataset && all("textarea, input:not([type=hidden])", form).some((control) => control.value);
    if (kept === JSON.stringify(stood) || isGivenBack) return;
    putBack(form, JSON.parse(kept));
    const told = document.createElement("p");
    const drop = document.createElement("button");
    told.className = "note";
    told.textContent = "已填回您上次填写、还没有保存的内容。";
    drop.type = "button";
    drop.className = "btn btn-plain btn-sm ms-2";
    drop.textContent = "不要了";
    drop.addEventListener("click", () => {
      sessionStorage.removeItem(place);
      putBack(form, stood);
      told.remove();
    });
    told.append(drop);
    form.prepend(told);
  });

  /* Files dragged onto their field. */
  function prepareDrop(place) {
    const input = one("input[type=file]", place);
    if (!input) return;
    const words = one("[data-drop-words]", place);
    if (words) words.hidden = false;
    ["dragenter", "dragover"].forEach((name) =>
      place.addEventListener(name, (event) => {
        event.preventDefault();
        place.classList.add("over");
      }),
    );
    ["dragleave", "drop"].forEach((name) => place.addEventListener(name, () => place.classList.remove("over")));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      const taken = new DataTransfer();
      Array.from(event.dataTransfer.files)
        .slice(0, input.multiple ? undefined : 1)
        .forEach((file) => taken.items.add(file));
      input.files = taken.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  /* Warned five minutes before the session ends. */
  function watchIdle() {
    const minutes = Number(document.body.dataset.idleMinutes);
    const dialog = one("#idle-dialog");
    if (!minutes || !dialog || !dialog.showModal) return;
    let last = Date.now();
    const renew = () => {
      last = Date.now();
      if (dialog.open) dialog.close();
    };
    document.addEventListener("htmx:afterRequest", renew);
    document.addEventListener("portal:saved", renew);
    one("[data-idle-stay]", dialog).addEventListener("click", async () => {
      await fetch(location.href, { method: "HEAD", credentials: "same-origin" }).catch(() => {});
      renew();
    });
    setInterval(() => {
      const left = minutes - (Date.now() - last) / 60000;
      if (left > 5) return;
      one("[data-idle-left]", dialog).textContent = Math.max(Math.ceil(left), 0);
      if (!dialog.open) {
        document.dispatchEvent(new CustomEvent("portal:save"));
        dialog.showModal();
      }
    }, 20000);
  }

  function prepare(within) {
    all("[data-without-script]", within).forEach((element) => (element.hidden = true));
    all("[data-drop]", within).forEach(prepareDrop);
    all("[data-show-keys]", within).forEach((button) => (button.hidden = false));
    all("[data-needs-script]", within).forEach((element) => (element.hidden = false));
    all("a[data-start]", within).forEach((link) => link.click());
  }

  prepare(document);
  document.addEventListener("portal:prepare", (event) => prepare(event.detail));
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) prepare(event.detail.elt);
  });
  /* A strip of days that does not fit shows today. */
  all(".day-strip-scroll .today").forEach((day) => {
    const strip = day.closest(".day-strip-scroll");
    strip.scrollLeft = day.offsetLeft - strip.offsetLeft - (strip.clientWidth - day.offsetWidth) / 2;
  });
  /* After a refused form: at the list of what is wrong, or in the field itself when it is but one. */
  const first = one("[data-focus-first]");
  if (first) {
    const wrong = all("li", first).length === 1 && one("a", first);
    first.focus();
    if (wrong) document.getElementById(wrong.hash.slice(1)).focus();
  }
  /* What the browser makes ready ahead begins to count when it is shown. */
  if (document.prerendering) document.addEventListener("prerenderingchange", watchIdle, { once: true });
  else watchIdle();
})();
