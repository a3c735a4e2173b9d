"use strict";
// Draws each figure's data-chart, with a legend to switch series, arrow keys to read points, and a
// table of the values. Data reach the page as text only.
(() => {
  const PALETTE = 8;
  const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3]];
  const charts = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function number(value) {
    return String(Number(value.toPrecision(4)));
  }

  function pairs(points) {
    // A gap after each second point, so that intervals stay apart.
    return points.flatMap((p, i) => (i % 2 ? [p, [NaN, NaN]] : [p]));
  }

  const isPoints = (kind) => kind === "POINTS" || kind.endsWith("_THRESHOLD");

  function dataset(series, index) {
    const points = series.kind === "INTERVALS" ? pairs(series.points) : series.points;
    const alone = isPoints(series.kind);
    return {
      label: series.name,
      kind: series.kind,
      names: series.labels,
      index,
      data: points.map(([x, y]) => ({ x, y })),
      showLine: !alone,
      stepped: series.kind === "STEP" ? "after" : false,
      borderWidth: series.kind === "REFERENCE" ? 1.5 : 2,
      borderDash: series.kind === "REFERENCE" ? [5, 5] : DASHES[Math.floor(index / PALETTE) % DASHES.length],
      order: alone ? 0 : 1,
      pointRadius: alone ? 5 : points.length > 1 ? 0 : 4,
      pointHitRadius: series.kind === "REFERENCE" ? 0 : 6,
      pointHoverRadius: 5,
      clip: false,
    };
  }

  function seriesColour(set) {
    if (set.kind === "REFERENCE") return colour("--muted");
    return colour("--s" + (set.index % PALETTE));
  }

  function paint(chart) {
    for (const set of chart.data.datasets) {
      const own = seriesColour(set);
      Object.assign(set, { borderColor: own, backgroundColor: own, pointBackgroundColor: own });
    }
    for (const scale of Object.values(chart.options.scales)) {
      scale.grid.color = colour("--line");
      scale.border.color = colour("--muted");
      scale.ticks.color = colour("--muted");
      scale.title.color = colour("--text");
    }
    chart.update("none");
  }

  // A point with its case, where it is one.
  function told(set, i, x, y) {
    const name = set.names ? set.names[i] + ", " + set.label : set.label;
    return name + ": " + number(x) + ", " + number(y);
  }

  function scale(axis, whole) {
    return {
      type: "linear",
      min: axis.min ?? undefined,
      max: axis.max ?? undefined,
      title: { display: true, text: axis.name },
      grid: {},
      border: {},
      ticks: whole ? { precision: 0 } : { maxTicksLimit: 7 },
    };
  }

  function legend(chart, set, i) {
    const swatch = element("span", { className: isPoints(set.kind) ? "swatch dot" : "swatch" });
    const dashed = set.kind === "REFERENCE" || set.borderDash.length > 0;
    swatch.style.borderTopStyle = dashed ? "dashed" : "solid";
    const button = element("button", { type: "button" }, swatch, set.label);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const shown = !chart.isDatasetVisible(i);
      chart.setDatasetVisibility(i, shown);
      button.setAttribute("aria-pressed", String(shown));
      chart.update("none");
    });
    return { item: element("li", {}, button), swatch, set };
  }

  function values(spec) {
    const body = element("tbody");
    for (const series of spec.series) {
      for (const [x, y] of series.points) {
        const row = body.insertRow();
        row.insertCell().textContent = series.name;
        row.insertCell().textContent = number(x);
        row.insertCell().textContent = number(y);
      }
    }
    const head = element("tr");
    head.append(...["series", spec.x.name, spec.y.name].map((t) => element("th", { scope: "col", textContent: t })));
    const scroll = element("div", { className: "values", tabIndex: 0 }, element("table", {}, element("thead", {}, head), body));
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Values of " + spec.title);
    return scroll;
  }

  function readWithKeys(canvas, chart, said) {
    let series = 0;
    let place = -1;
    canvas.addEventListener("keydown", (event) => {
      const sets = chart.data.datasets;
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
      const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
      if (!step && !turn) return;
      event.preventDefault();
      series = (series + turn + sets.length) % sets.length;
      const data = sets[series].data;
      const points = [...data.keys()].filter((i) => !Number.isNaN(data[i].x));
      if (!points.length) return;
      place = Math.min(Math.max(place + step, 0), points.length - 1);
      const point = points[place];
      const active = [{ datasetIndex: series, index: point }];
      chart.setActiveElements(active);
      chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
      chart.update("none");
      said.textContent = told(sets[series], point, data[point].x, data[point].y);
    });
  }

  function draw(figure) {
    const spec = JSON.parse(figure.dataset.chart);
    const square = spec.x.min === 0 && spec.x.max === 1 && spec.y.max === 1;
    const canvas = element("canvas", { tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", spec.title + ". " + spec.description + ". Arrow keys read the points.");
    const said = element("div", { className: "said" });
    said.setAttribute("aria-live", "polite");
    const plot = element("div", { className: square ? "plot square" : "plot wide" }, canvas);
    const list = element("ul", { className: "legend" });
    const details = element("details", {}, element("summary", { textContent: "Values" }));
    details.addEventListener("toggle", () => details.children.length > 1 || details.append(values(spec)));
    addEventListener("threshold", ({ detail }) => {
      spec.series.forEach((series, i) => {
        if (!(series.kind in detail)) return;
        series.points = detail[series.kind];
        chart.data.datasets[i].data = series.points.map(([x, y]) => ({ x, y }));
        if (details.children.length > 1) details.lastChild.replaceWith(values(spec));
        chart.update("none");
      });
    });
    figure.append(plot, list, said, details);
    const chart = new Chart(canvas, {
      type: "scatter",
      data: { datasets: spec.series.map(dataset) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        devicePixelRatio: Math.max(2, window.devicePixelRatio),
        layout: { padding: { top: 6, right: 10 } },
        interaction: { mode: "nearest", intersect: true },
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              label: (item) => told(item.dataset, item.dataIndex, item.parsed.x, item.parsed.y),
            },
          },
        },
        scales: { x: scale(spec.x, !square), y: scale(spec.y, false) },
      },
    });
    const entries = chart.data.datasets.map((set, i) => legend(chart, set, i));
    list.append(...entries.map((e) => e.item));
    readWithKeys(canvas, chart, said);
    charts.push(() => {
      paint(chart);
      for (const { swatch, set } of entries) {
        const own = seriesColour(set);
        swatch.style.borderTopColor = own;
        swatch.style.backgroundColor = isPoints(set.kind) ? own : "transparent";
      }
    });
  }

  const repaint = () => charts.forEach((paintChart) => paintChart());
  document.querySelectorAll("figure[data-chart]").forEach(draw);
  repaint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    document.querySelectorAll("details.table").forEach((d) => (d.open = true));
    repaint();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    repaint();
  });
})();
