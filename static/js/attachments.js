/* Files of an application: taken up as soon as they are chosen or dropped, with their progress; looked at without leaving the page. */
(() => {
  "use strict";

  const PARTS = ["messages", "files", "live"];

  function take(page) {
    const fresh = new DOMParser().parseFromString(page, "text/html");
    PARTS.forEach((id) => {
      const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
      if (!old || !next) return;
      const node = document.importNode(next, true);
      old.replaceWith(node);
      if (window.htmx) window.htmx.process(node);
      document.dispatchEvent(new CustomEvent("portal:prepare", { detail: node }));
    });
    const messages = document.getElementById("messages");
    if (messages.textContent.trim()) messages.scrollIntoView({ block: "nearest" });
  }

  function upload(form) {
    const input = form.querySelector("input[type=file]");
    const bar = form.querySelector("[data-upload-progress]");
    const words = bar.querySelector("[data-upload-words]");
    const meter = bar.querySelector("progress");
    const names = Array.from(input.files, (file) => file.name);
    const request = new XMLHttpRequest();
    const end = (sentence) => {
      bar.classList.toggle("tone-unmet", Boolean(sentence));
      words.textContent = sentence;
      meter.hidden = true;
      input.disabled = false;
      input.value = "";
    };
    bar.hidden = meter.hidden = false;
    meter.value = 0;
    words.textContent = names.length > 1 ? `正在上传 ${names.length} 份文件…` : `正在上传“${names[0]}”…`;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor((event.loaded / event.total) * 100);
      meter.value = percent;
      if (percent === 100) words.textContent = "已传完，正在检查…";
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && !/\/login\//.test(request.responseURL)) take(request.responseText);
      else if (request.status === 413) end("文件太大，没有上传。每份不超过 20 MB，请压缩或拆开后再传。");
      else if (request.status === 200) end("登录已过期，没有上传。请重新登录后再选择文件。");
      else end("没有上传成功，请稍后再选择一次文件。");
    });
    request.addEventListener("error", () => end("网络中断，没有上传。网络恢复后请再选择一次文件。"));
    request.open("POST", form.action);
    request.send(new FormData(form));
    input.disabled = true;
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-upload]");
    if (form && event.target.type === "file" && event.target.files.length) upload(form);
  });

  const dialog = document.getElementById("preview-dialog");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-preview]");
    if (!link || !dialog || !dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (window.matchMedia("(max-width: 767px)").matches) return; // a phone shows it in a tab of its own
    event.preventDefault();
    document.getElementById("preview-title").textContent = link.textContent.trim();
    const frame = dialog.querySelector("iframe");
    frame.src = link.href;
    frame.title = link.textContent.trim();
    dialog.showModal();
  });
  if (dialog) dialog.addEventListener("close", () => dialog.querySelector("iframe").removeAttribute("src"));
})();
