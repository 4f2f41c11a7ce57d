/* Saving as one types: <form data-autosave> posts itself; [data-saved] in the page shows when.
   data-autosave="<address>" saves elsewhere than the form's own action.

   What is typed is kept in this browser until the server has it: a cut network, an ended session or a crash loses nothing. The
   next page with the same form sends it, with the revision it was typed on, so that a colleague's text is not overwritten. */
(() => {
  "use strict";

  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";
  const time = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
  const person = document.body.dataset.person;
  const RETRY = 10000;
  const OFFLINE = "网络不通，尚未保存；填写的内容留在本机，恢复后自动保存";
  const LONGEST_KEPT = 7 * 24 * 3600 * 1000;

  /* Kept texts: one entry for each form of each opened page, so that two windows do not overwrite each other's. */
  const opened = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const place = (form) => `unsaved ${person} ${form.getAttribute("action") || location.pathname} ${form.id} `;

  function entries(prefix) {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key, JSON.parse(localStorage.getItem(key))]);
    } catch (problem) {
      return [];
    }
  }

  function store(key, entry) {
    try {
      localStorage.setItem(key, JSON.stringify(entry));
      return true;
    } catch (problem) {
      return false;
    }
  }

  const texts = (form) => Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");

  function keep(form, sent) {
    return store(place(form) + opened, { at: Date.now(), fields: texts(form), focus: form.dataset.focus || "", sent: Boolean(sent) });
  }

  const forget = (form) => localStorage.removeItem(place(form) + opened);

  /* Entries that were sent on leaving have arrived when another page of the portal answers; the sign-in page answers instead when
     the session has ended, and going back to the page tells that nothing answered. */
  function sort() {
    const arrival = (performance.getEntriesByType("navigation")[0] || {}).type;
    entries("unsaved ").forEach(([key, entry]) => {
      if (Date.now() - entry.at > LONGEST_KEPT) localStorage.removeItem(key);
      else if (!entry.sent) return;
      else if (!person || arrival === "back_forward") store(key, { ...entry, sent: false });
      else if (key.startsWith(`unsaved ${person} `)) localStorage.removeItem(key);
    });
  }

  const savedWords = (form) => all("[data-saved]").filter((words) => !words.dataset.saved || words.dataset.saved === form.id);

  /* ``failed``: why it is not saved (expired, offline, refused), or nothing. */
  function say(form, words, failed) {
    savedWords(form).forEach((shown) => {
      shown.textContent = words;
      (shown.closest(".saved") || shown).classList.toggle("save-failed", Boolean(failed));
    });
    delete form.dataset.unsaved;
    delete form.dataset.failed;
    if (!failed) return;
    form.dataset.dirty = "1";
    form.dataset.failed = failed;
    if (!keep(form)) form.dataset.unsaved = "1";
  }

  function send(form, fields, keepalive) {
    const body = new FormData();
    fields.forEach(([name, value]) => body.append(name, value));
    body.set("autosave", "1");
    body.set("csrfmiddlewaretoken", cookie("csrftoken"));
    return fetch(form.dataset.autosave || form.getAttribute("action") || location.href, {
      method: "POST",
      body,
      keepalive,
      credentials: "same-origin",
      headers: { "X-Autosave": "1" },
    });
  }

  /* Gives how it went: saved, expired, offline or refused. */
  async function save(form) {
    if (form.dataset.saving) {
      form.dataset.again = "1";
      return "saving";
    }
    form.dataset.saving = "1";
    delete form.dataset.dirty;
    try {
      const answer = await send(form, texts(form));
      const revision = answer.headers.get("X-Revision");
      if (revision && form.elements.revision) form.elements.revision.value = revision;
      const base = answer.headers.get("X-Base");
      if (base && form.elements.base) form.elements.base.value = base;
      if (answer.ok) {
        if (!form.dataset.dirty) forget(form);
        say(form, `已自动保存 ${answer.headers.get("X-Saved-At") || time()}`);
        const trigger = answer.headers.get("HX-Trigger");
        if (trigger) document.body.dispatchEvent(new CustomEvent(trigger, { bubbles: true }));
        form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true, detail: answer }));
        return "saved";
      }
      if (answer.status === 401) {
        say(form, "登录已过期，尚未保存；填写的内容留在本机，重新登录后自动补存", "expired");
        const dialog = document.getElementById("expired-dialog");
        if (dialog && dialog.showModal && !dialog.open) dialog.showModal();
        return "expired";
      }
      if (answer.status === 409) {
        say(form, (await answer.text()) || "另一个窗口已改过这一部分，请刷新页面后再填写", "refused");
      } else {
        const at = answer.headers.get("X-Saved-At");
        say(form, at ? `标出的没有保存，请更正；其余已自动保存 ${at}` : "没有保存成功，请检查标出的内容", "refused");
      }
      return "refused";
    } catch (problem) {
      say(form, OFFLINE, "offline");
      setTimeout(() => form.dataset.dirty && save(form), RETRY);
      return "offline";
    } finally {
      delete form.dataset.saving;
      if (form.dataset.again) {
        delete form.dataset.again;
        save(form);
      }
    }
  }

  const timers = new WeakMap();
  function saveSoon(form, wait) {
    form.dataset.dirty = "1";
    keep(form);
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), wait));
  }

  /* What an earlier page could not save is sent first. Two people's texts for one field are then shown by the page that compares them. */
  async function restore(form) {
    const kept = entries(place(form)).sort(([, one], [, other]) => one.at - other.at);
    let focus = null;
    for (const [key, entry] of kept) {
      let answer;
      try {
        answer = await send(form, entry.fields);
      } catch (problem) {
        return; // still no network: the entry stays for the next time
      }
      if (answer.ok) {
        localStorage.removeItem(key);
        focus = entry.focus;
      } else if (answer.status === 409 && answer.headers.get("X-Conflict")) {
        localStorage.removeItem(key);
        openComparison(form, entry.fields);
        return;
      } else if (answer.status !== 401) {
        showKept(form, key, entry);
      }
    }
    if (focus === null) return;
    sessionStorage.setItem("restored", JSON.stringify([location.pathname, form.id, focus]));
    location.reload();
  }

  function openComparison(form, fields) {
    const copy = document.createElement("form");
    copy.method = "post";
    copy.enctype = "multipart/form-data"; // Chinese takes three times the room otherwise
    copy.action = form.getAttribute("action") || location.href;
    copy.hidden = true;
    [...fields, ["csrfmiddlewaretoken", cookie("csrftoken")]].forEach(([name, value]) => {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      copy.append(field);
    });
    document.body.append(copy);
    copy.submit();
  }

  /* A text that the server no longer takes is shown, to be copied or dropped. */
  function showKept(form, key, entry) {
    const differing = entry.fields.filter(([name, value]) => value.trim() && form.elements[name] && form.elements[name].type === "textarea" && form.elements[name].value !== value);
    if (!differing.length) {
      localStorage.removeItem(key);
      return;
    }
    const box = document.createElement("details");
    box.className = "notice tone-attention";
    box.open = true;
    const head = document.createElement("summary");
    head.textContent = `您 ${new Date(entry.at).toLocaleString("zh-CN")} 填写的内容没有保存，与现在的不同；需要的请复制后填入`;
    box.append(head);
    differing.forEach(([, value]) => {
      const text = document.createElement("p");
      text.className = "keep-lines";
      text.textContent = value;
      box.append(text);
    });
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-plain btn-sm";
    drop.textContent = "不再需要";
    drop.addEventListener("click", () => {
      localStorage.removeItem(key);
      box.remove();
    });
    box.append(drop);
    form.before(box);
  }

  function tellRestored() {
    const told = JSON.parse(sessionStorage.getItem("restored") || "null");
    if (!told) return;
    sessionStorage.removeItem("restored");
    const form = document.getElementById(told[1]);
    if (told[0] !== location.pathname || !form) return;
    say(form, `已补存上次没有保存的内容 ${time()}`);
    const control = document.getElementById(told[2]);
    if (!control) return;
    control.focus();
    if (control.setSelectionRange && /^(textarea|text)$/.test(control.type)) control.setSelectionRange(control.value.length, control.value.length);
  }

  /* The same part open in two windows of this browser: each is told of the other. */
  function watchOtherWindows() {
    const note = document.querySelector("[data-elsewhere]");
    if (!note || !window.BroadcastChannel) return;
    const channel = new BroadcastChannel(`open ${person} ${location.pathname}`);
    channel.addEventListener("message", (event) => {
      note.hidden = event.data === "closed";
      if (event.data === "opened") channel.postMessage("open");
    });
    channel.postMessage("opened");
    window.addEventListener("pagehide", () => channel.postMessage("closed"));
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.form) event.target.form.dataset.focus = event.target.id;
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "autosave" in form.dataset && event.target.type !== "file") saveSoon(form, 1200);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && "autosave" in form.dataset && event.target.type !== "file") saveSoon(form, 200);
  });
  /* A button first saves what is typed, and leaves the page only when the server has it. */
  async function flush(form) {
    clearTimeout(timers.get(form));
    while (form.dataset.saving) await pause(50);
    if (form.dataset.failed === "refused") return "refused"; // the page that answers a button says what to do
    if (form.dataset.dirty) return save(form);
    if (navigator.onLine) return "saved";
    say(form, OFFLINE, "offline");
    return "offline";
  }

  /* What a save brings may have put another button in the place of the one that was pressed: the press is its. */
  function asItStandsNow(form, button) {
    if (!button || button.form === form) return button;
    const named = (one) => [one.name, one.value, one.getAttribute("formaction")].join(" ");
    return [...form.elements].find((one) => one.type === "submit" && named(one) === named(button));
  }

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!("autosave" in form.dataset)) return;
      if (form.dataset.flushed) {
        delete form.dataset.flushed;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (form.dataset.flushing) return;
      form.dataset.flushing = "1";
      const submitter = event.submitter;
      await pause(0); // a form cannot be submitted again while its submit event is still going round
      const went = await flush(form);
      delete form.dataset.flushing;
      if (went === "offline" || went === "expired") return;
      forget(form);
      delete form.dataset.dirty;
      form.dataset.flushed = "1";
      form.elements.csrfmiddlewaretoken.value = cookie("csrftoken");
      form.requestSubmit(asItStandsNow(form, submitter));
    },
    true,
  );
  /* A link out of the page waits for what is still on its way. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]:not([target], [download], [data-preview], [href^='#'])");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const busy = all("form[data-autosave]:not([data-failed])").filter((form) => form.dataset.dirty || form.dataset.saving);
    if (!busy.length) return;
    event.preventDefault();
    const went = await Promise.all(busy.map(flush));
    if (!went.some((one) => one === "offline" || one === "expired")) location.href = link.href;
  });

  /* Asked for by the warning that the session is about to end. */
  document.addEventListener("portal:save", () => all("form[data-autosave][data-dirty]").forEach(save));
  window.addEventListener("online", () => all("form[data-autosave][data-dirty]").forEach(save));
  /* Leaving at once after typing still saves; one is held back only when the text could not even be kept here. */
  window.addEventListener("pagehide", () => {
    all("form[data-autosave][data-dirty]:not([data-leaving]):not([data-failed])").forEach((form) => {
      keep(form, true);
      send(form, texts(form), true).catch(() => keep(form));
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-autosave][data-unsaved]:not([data-leaving])")) event.preventDefault();
  });

  function begin() {
    sort();
    tellRestored();
    all("form[data-autosave]").forEach(restore);
    watchOtherWindows();
  }
  /* A page that the browser makes ready ahead is not open yet, and sends nothing. */
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();
