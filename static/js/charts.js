/* Charts, each drawn from the table beside it, so that the two cannot disagree. Without this script the tables stand alone. */
(() => {
  "use strict";
  const { library } = document.currentScript.dataset;
  let loaded;
  const style = getComputedStyle(document.documentElement);
  const colour = (token) => style.getPropertyValue(`--${token}`).trim();
  const font = getComputedStyle(document.body).fontFamily;
  const INK = colour("ink"), MUTED = colour("muted"), LINE = colour("line");
  const DEADLINE = { color: colour("attention"), type: "dashed", width: 1.5 };
  const ROW = 28;
  // Told apart without colours too: one tone is hatched.
  const HATCHED = { sand: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: "rgba(20, 39, 61, .35)" } };

  const numberIn = (cell) => (/^\d/.test(cell.textContent.trim()) ? parseInt(cell.textContent, 10) : null);
  const painted = (tone) => ({ color: colour(tone), decal: HATCHED[tone], borderWidth: 0 });

  function read(table) {
    const rows = Array.from(table.tBodies[0].rows);
    return {
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      places: rows.map((row) => row.cells[0].dataset.place),
      series: Array.from(table.tHead.rows[0].cells)
        .slice(1)
        .map((head, at) => {
          const cells = rows.map((row) => row.cells[at + 1]);
          return {
            name: head.textContent.trim(),
            tone: head.dataset.tone,
            values: cells.map(numberIn),
            words: cells.map((cell) => cell.textContent.trim().replace(/\s+/g, "　")),
            links: cells.map((cell) => cell.querySelector("a")),
          };
        }),
    };
  }

  const labels = (more) => Object.assign({ color: MUTED, fontSize: 12 }, more);
  const categories = (names) => ({
    type: "category",
    inverse: true,
    data: names,
    axisLabel: labels({ color: INK, fontSize: 13, width: 120, overflow: "truncate" }),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: LINE } },
  });
  const counts = { type: "value", minInterval: 1, splitLine: { lineStyle: { color: LINE } }, axisLabel: labels() };
  const unseen = Object.assign({}, counts, { splitLine: { show: false }, axisLabel: { show: false } });
  const told = (more) => Object.assign({ show: true, color: INK, fontSize: 13, fontFamily: font }, more);

  const KINDS = {
    bars: ({ labels: names, series: [one] }) => ({
      rows: names.length,
      grid: { right: 76 },
      xAxis: unseen,
      yAxis: categories(names),
      series: [{ type: "bar", barWidth: 16, data: one.values, label: told({ position: "right", formatter: (point) => one.words[point.dataIndex] }) }],
    }),
    /* Each bar inside the one before it: of so many, so many came so far. An axis for each centres them. */
    nested: ({ labels: names, series }) => ({
      rows: names.length,
      grid: { right: 24 + 22 * series.length },
      xAxis: unseen,
      yAxis: series.map((_, at) => Object.assign(categories(names), at ? { show: false } : {})),
      series: series.map((one, at) => ({
        type: "bar",
        yAxisIndex: at,
        barWidth: 18 - 6 * at,
        z: at + 2,
        data: one.values,
        label: at ? undefined : told({ position: "right", formatter: (point) => series.map((each) => each.values[point.dataIndex]).join(" · ") }),
      })),
    }),
    stack: ({ labels: names, series }) => ({
      rows: names.length,
      xAxis: unseen,
      yAxis: categories(names),
      series: series.map((one) => ({
        type: "bar",
        stack: "whole",
        barWidth: 18,
        data: one.values.map((value) => value || null),
        label: told({
          color: one.tone === "sea" ? colour("paper") : INK,
          backgroundColor: one.tone === "sand" ? colour("sand") : undefined,
          padding: [1, 3],
        }),
      })),
    }),
    days: ({ places, series: [one] }, mark) => ({
      grid: { top: 34, right: 24 },
      xAxis: {
        type: "time",
        max: (extent) => Math.max(extent.max, new Date(`${mark}T00:00`).getTime()),
        axisLabel: labels({ formatter: "{M}月{d}日", hideOverlap: true }),
        axisLine: { lineStyle: { color: LINE } },
        splitLine: { show: false },
      },
      yAxis: counts,
      series: [
        {
          type: "bar",
          barMaxWidth: 16,
          data: one.values.map((value, at) => [places[at], value]),
          label: told({ position: "top", formatter: (point) => point.value[1] }),
          labelLayout: { hideOverlap: true },
          markLine: {
            symbol: "none",
            silent: true,
            lineStyle: DEADLINE,
            label: { formatter: "申报截止", color: colour("attention"), fontFamily: font },
            data: [{ xAxis: mark }],
          },
        },
      ],
    }),
    lines: ({ places, series }) => ({
      grid: { right: 24 },
      xAxis: {
        type: "value",
        min: Number(places[0]),
        max: Number(places[places.length - 1]),
        interval: 7,
        axisLabel: labels({ formatter: (day) => (day ? `${day < 0 ? "前" : "后"}${Math.abs(day)}天` : "截止") }),
        axisLine: { lineStyle: { color: LINE } },
        splitLine: { show: false },
      },
      yAxis: Object.assign({}, counts, { axisLine: { show: true, lineStyle: DEADLINE }, axisTick: { show: false } }),
      series: series.map((one, at) => {
        const points = one.values.map((value, index) => [Number(places[index]), value]).filter((point) => point[1] !== null);
        return {
          type: "line",
          symbol: at ? "emptyTriangle" : "circle",
          symbolSize: 7,
          lineStyle: { color: colour(one.tone), width: 2, type: at ? "dashed" : "solid" },
          data: points,
          label: told({ position: at ? "bottom" : "top", formatter: (point) => (point.dataIndex === points.length - 1 ? point.value[1] : "") }),
        };
      }),
    }),
  };

  function draw(place) {
    const figure = place.closest("figure");
    const table = read(figure.querySelector("table"));
    const { rows, ...option } = KINDS[place.dataset.chart](table, place.dataset.mark);
    const several = table.series.length > 1;
    place.style.height = `${rows ? rows * ROW + (several ? 44 : 16) : 240}px`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    option.series.forEach((one, at) => {
      one.name = table.series[at].name;
      one.itemStyle = painted(table.series[at].tone);
      one.emphasis = { disabled: true };
    });
    chart.setOption(
      Object.assign(option, {
        animation: false,
        textStyle: { fontFamily: font, color: INK },
        grid: Object.assign({ left: 4, right: 12, top: several ? 34 : 8, bottom: 4, outerBoundsMode: "same" }, option.grid),
        legend: several ? { left: 0, top: 0, itemWidth: 14, itemHeight: 12, selectedMode: false, textStyle: { color: INK, fontSize: 13 } } : undefined,
      }),
    );
    chart.on("click", (point) => {
      const one = table.series[point.seriesIndex];
      const link = one && one.links[point.dataIndex];
      if (link) location.href = link.href;
    });
    new ResizeObserver(() => chart.resize()).observe(place);
    figure.querySelector("details").open = false;
  }

  const load = () =>
    new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), { src: library, onload: done, onerror: failed });
      document.head.append(script);
    });

  /* The library is large: it comes once there is something to draw, which on a phone's board there never is. */
  const prepare = async (within) => {
    const empty = () => within.querySelectorAll("[data-chart]:empty");
    if (!empty().length) return;
    loaded ||= load();
    await loaded;
    empty().forEach(draw);
  };
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
})();
