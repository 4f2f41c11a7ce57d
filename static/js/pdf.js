/* A PDF drawn page by page: turned, enlarged and searched alike in every browser. What cannot be drawn is offered to be downloaded. */
const { file, library } = document.body.dataset;
const bar = document.querySelector(".pdf-bar");
const pages = document.querySelector(".pdf-pages");
const found = bar.querySelector("[data-found]");
const SCANNED = "这是扫描件，没有可查找的文字";

/* The library speaks English to its own elements; they are named here instead. */
const words = {
  getLanguage: () => "zh-CN",
  getDirection: () => "ltr",
  get: async () => "",
  translate: async () => {},
  translateOnce: async () => {},
  destroy: async () => {},
  pause() {},
  resume() {},
};

async function open() {
  const pdf = await import(`${library}pdf.min.mjs`);
  const parts = await import(`${library}pdf_viewer.mjs`);
  pdf.GlobalWorkerOptions.workerSrc = `${library}pdf.worker.min.mjs`;
  const eventBus = new parts.EventBus();
  const linkService = new parts.PDFLinkService({ eventBus, externalLinkTarget: parts.LinkTarget.BLANK });
  const findController = new parts.PDFFindController({ eventBus, linkService });
  const viewer = new parts.PDFViewer({
    container: pages,
    eventBus,
    linkService,
    findController,
    l10n: words,
    annotationMode: pdf.AnnotationMode.ENABLE,
    annotationEditorMode: pdf.AnnotationEditorType.DISABLE,
    removePageBorders: true,
  });
  linkService.setViewer(viewer);
  const opened = await pdf.getDocument({
    url: file,
    cMapUrl: `${library}cmaps/`,
    standardFontDataUrl: `${library}standard_fonts/`,
    wasmUrl: `${library}wasm/`,
    useWasm: false, // the portal's policy lets no compiled code run; the library has the same in script
    enableXfa: false,
  }).promise;
  serve({ eventBus, viewer, opened, states: parts.FindState });
  viewer.setDocument(opened);
  linkService.setDocument(opened);
}

function serve({ eventBus, viewer, opened, states }) {
  const number = bar.elements.page;
  const leave = () => (number.value = viewer.currentPageNumber);
  bar.querySelector("[data-pages]").textContent = opened.numPages;

  eventBus.on("pagesinit", () => (viewer.currentScaleValue = "page-width"));
  eventBus.on("pagechanging", leave);
  eventBus.on("pagerendered", ({ source, pageNumber }) => source.div.setAttribute("aria-label", `第 ${pageNumber} 页`));
  eventBus.on("updatefindmatchescount", ({ matchesCount }) => count(matchesCount));
  eventBus.on("updatefindcontrolstate", async ({ state, matchesCount }) => {
    if (state !== states.NOT_FOUND) count(matchesCount);
    else if (bar.elements.words.value) found.textContent = (await hasText(opened)) ? "没有找到" : SCANNED;
  });

  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.turn) viewer.currentPageNumber = Math.min(Math.max(viewer.currentPageNumber + Number(button.dataset.turn), 1), opened.numPages);
    else if (button.dataset.zoom === "in") viewer.increaseScale();
    else if (button.dataset.zoom === "out") viewer.decreaseScale();
    else if (button.dataset.zoom) viewer.currentScaleValue = "page-width";
    else if ("back" in button.dataset) find("again", true);
  });
  number.addEventListener("change", () => {
    const wanted = Number(number.value);
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= opened.numPages) viewer.currentPageNumber = wanted;
    else leave();
  });
  bar.elements.words.addEventListener("input", () => find(""));
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    if (document.activeElement === number) number.dispatchEvent(new Event("change"));
    else find("again");
  });
  document.addEventListener("keydown", (event) => {
    const isSlash = event.key === "/" && !event.target.matches("input");
    if (!isSlash && !((event.ctrlKey || event.metaKey) && event.key === "f")) return;
    event.preventDefault();
    bar.elements.words.select();
  });
  const sizes = new ResizeObserver(() => {
    document.body.style.setProperty("--pdf-bar", `${bar.offsetHeight}px`);
    if (viewer.currentScaleValue === "page-width") viewer.currentScaleValue = "page-width";
  });
  [document.body, bar].forEach((one) => sizes.observe(one));

  function find(type, findPrevious = false) {
    const query = bar.elements.words.value.trim();
    if (!query) found.textContent = "";
    eventBus.dispatch("find", { source: bar, type, query, findPrevious, highlightAll: true, caseSensitive: false, entireWord: false, matchDiacritics: false });
  }

  function count({ current, total }) {
    found.textContent = total && bar.elements.words.value ? `第 ${current || 1} 处，共 ${total} 处` : "";
  }
}

async function hasText(opened) {
  for (let number = 1; number <= opened.numPages; number += 1) {
    const { items } = await (await opened.getPage(number)).getTextContent();
    if (items.some((one) => one.str && one.str.trim())) return true;
  }
  return false;
}

open().catch((problem) => {
  console.warn(problem);
  bar.hidden = true;
  pages.hidden = true;
  document.querySelector("[data-broken]").hidden = false;
});
