"use strict";
// Moves the threshold: figures, charts and calls follow. Sorts tables. Folds pictures of cases.
(() => {
  // The standard normal quantile of a two-sided interval of 95 %.
  const Z = 1.959963984540054;

  function text(value) {
    if (value === 0 || Math.abs(value) >= 1e-3) return value.toFixed(4);
    return value.toExponential(3).replace(/e([-+])(\d)$/, "e$10$2");
  }

  // Wilson's interval, or why there is none.
  function proportion(hits, total, reason) {
    if (total === 0) return { reason };
    const half = (Z / (total + Z * Z)) * Math.sqrt((hits * (total - hits)) / total + (Z * Z) / 4);
    const centre = (hits + (Z * Z) / 2) / (total + Z * Z);
    return {
      value: hits / total,
      low: hits === 0 ? 0 : centre - half,
      high: hits === total ? 1 : centre + half,
    };
  }

  // F1 by way of J = tp / (tp + fp + fn), which is a proportion.
  function f1(tp, fp, fn) {
    const j = proportion(tp, tp + fp + fn, "no positive case and no case called positive");
    if (j.reason) return j;
    const of = (v) => (2 * v) / (1 + v);
    return { value: of(j.value), low: of(j.low), high: of(j.high) };
  }

  // Probabilities and threshold are float32, as where the cases were evaluated.
  const called = (p, threshold) => (p >= Math.fround(threshold) ? 1 : 0);

  function evaluate(cases, threshold) {
    const n = [0, 0, 0, 0];
    for (const [p, label] of cases) if (label !== null) n[2 * label + called(p, threshold)]++;
    const [tn, fp, fn, tp] = n;
    return {
      counts: { tn, fp, fn, tp },
      estimates: {
        accuracy: proportion(tn + tp, tn + fp + fn + tp, "no labelled case"),
        sensitivity: proportion(tp, tp + fn, "no positive case"),
        specificity: proportion(tn, tn + fp, "no negative case"),
        ppv: proportion(tp, tp + fp, "no case called positive"),
        npv: proportion(tn, tn + fn, "no case called negative"),
        f1: f1(tp, fp, fn),
      },
    };
  }

  function show(figure, content) {
    document.querySelectorAll('[data-live="' + figure + '"]').forEach((e) => (e.textContent = content));
  }

  function showCalls(cases, threshold) {
    const names = ["non-COVID", "COVID"];
    document.querySelectorAll("tr[data-case]").forEach((row) => {
      const [p, label] = cases[row.dataset.case];
      const call = called(p, threshold);
      const wrong = label !== null && label !== call;
      row.querySelector('[data-live="called"]').textContent = names[call] + (wrong ? ", wrong" : "");
      row.classList.toggle("marked", wrong);
    });
  }

  function thresholds(form) {
    const cases = JSON.parse(form.dataset.cases).map(([p, label]) => [Math.fround(p), label]);
    const [slider, exact] = form.querySelectorAll("input");
    const said = form.querySelector(".said");
    const summary = ({ counts, estimates }) =>
      "sensitivity " + (estimates.sensitivity.reason ?? text(estimates.sensitivity.value)) +
      ", specificity " + (estimates.specificity.reason ?? text(estimates.specificity.value)) +
      "; missed: " + counts.fn + ", false alarms: " + counts.fp;

    function move(threshold, from) {
      const result = evaluate(cases, threshold);
      const { sensitivity, specificity, ppv } = result.estimates;
      if (from !== slider) slider.value = threshold;
      if (from !== exact) exact.value = threshold;
      show("threshold", threshold);
      for (const [name, count] of Object.entries(result.counts)) show(name, count);
      for (const [name, e] of Object.entries(result.estimates)) {
        show(name, e.reason ? "undefined" : text(e.value));
        show(name + "-interval", e.reason ?? text(e.low) + " to " + text(e.high));
      }
      showCalls(cases, threshold);
      slider.setAttribute("aria-valuetext", String(threshold));
      said.textContent = "At " + threshold + ": " + summary(result);
      const point = (x, y) => (x === undefined || y === undefined ? [] : [[x, y]]);
      const detail = {
        ROC_THRESHOLD: point(1 - specificity.value, sensitivity.value),
        PR_THRESHOLD: point(sensitivity.value, ppv.value),
      };
      dispatchEvent(new CustomEvent("threshold", { detail }));
    }

    slider.addEventListener("input", () => move(Number(slider.value), slider));
    exact.addEventListener("input", () => {
      if (exact.value !== "" && exact.validity.valid) move(Number(exact.value), exact);
    });
    form.querySelectorAll("[data-to]").forEach((button) =>
      button.addEventListener("click", () => move(Number(button.dataset.to))),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    // A page that was reloaded keeps what its fields held.
    move(Number(form.dataset.start));
  }

  function sortable(table) {
    // A body a case: its row, and its pictures where it has some.
    const heads = [...table.tHead.rows[0].cells];
    const collator = new Intl.Collator("en", { numeric: true });
    const cell = (body, i) => body.rows[0].cells[i];
    const number = (body, i) => Number(cell(body, i).textContent);

    function compare(i, ascending) {
      const sign = ascending ? 1 : -1;
      if (!heads[i].classList.contains("number")) {
        const content = (body) => cell(body, i).textContent;
        return (a, b) => sign * collator.compare(content(a), content(b));
      }
      // What is no number stays last either way.
      return (a, b) => {
        const [x, y] = [number(a, i), number(b, i)];
        return Number.isNaN(x) || Number.isNaN(y) ? Number.isNaN(x) - Number.isNaN(y) : sign * (x - y);
      };
    }

    heads.forEach((head, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const ascending = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        table.append(...[...table.tBodies].sort(compare(i, ascending)));
      });
    });
  }

  function thumbnail(scan) {
    const image = new Image();
    image.src = scan.src;
    image.alt = "";
    const box = document.createElement("span");
    box.className = "thumbnail";
    box.style.aspectRatio = scan.width / 3 + " / " + scan.height / 2;
    box.append(image);
    return box;
  }

  function fold(pictures) {
    const head = pictures.previousElementSibling.cells[0];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.append(thumbnail(pictures.querySelector(".scan")), head.textContent);
    head.replaceChildren(button);
    const toggle = (open) => {
      pictures.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => toggle(pictures.hidden));
    toggle(false);
  }

  // A box to tick for each layer that some case has.
  function layers(section) {
    const box = document.createElement("p");
    box.className = "layers";
    for (const [name, title] of [["lungs", "outline of the lung mask"], ["saliency", "saliency"]]) {
      const images = section.querySelectorAll(".montage ." + name);
      if (!images.length) continue;
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
      input.addEventListener("change", () => images.forEach((image) => (image.hidden = !input.checked)));
      const label = document.createElement("label");
      label.append(input, " " + title);
      box.append(label);
    }
    section.querySelector(".tables").before(box);
  }

  document.querySelectorAll("form.threshold").forEach(thresholds);
  document.querySelectorAll("tr.pictures").forEach(fold);
  document.querySelectorAll("table[data-sortable]").forEach(sortable);
  document.querySelectorAll("section").forEach((section) => section.querySelector(".montage") && layers(section));
})();
