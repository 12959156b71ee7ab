/* Draws the canvases of templates/_macros/control_chart.html. Each carries its data; the sentence,
   the key, the marks and the table beside it say the same in words. */
(() => {
  "use strict";
  const CANVAS = "canvas[data-control-chart]";
  const PAPER = { width: 680, height: 260 };
  const PAPER_SMALL = { width: 220, height: 90 };
  const SHAPES = { improvement: "rectRot", concern: "triangle", change: "rect" };

  // The stylesheet's colours, read once.
  const styles = getComputedStyle(document.documentElement);
  const colour = Object.fromEntries(
    ["ink", "mute", "line", "line-strong", "target", "improvement", "concern", "change"]
      .map((name) => [name, styles.getPropertyValue(`--cb-${name}`).trim()]));
  const time = (day) => day * 864e5;
  const format = (options) => {
    const formatter = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
    return (value) => formatter.format(value);
  };
  const dayMonth = format({ day: "numeric", month: "short" });
  const whole = format({ day: "numeric", month: "short", year: "numeric" });
  const year = format({ year: "numeric" });
  const figure = (value, unit) =>
    `${value.toLocaleString("en-GB", { maximumFractionDigits: 1 })}${unit === "%" ? "%" : unit && ` ${unit}`}`;

  // ---- Lines over the days of each segment, with a gap between two of them.
  function level(data, days, column) {
    return data.segments.flatMap((part) => [
      { x: days[part[0]], y: part[column] },
      { x: days[part[1]], y: part[column] },
      { x: days[part[1]], y: null },
    ]);
  }

  const line = (label, points, borderColor, dash, more) => ({
    label, data: points, borderColor, borderDash: dash, pointRadius: 0, pointHitRadius: 0, ...more,
  });

  function readings(data, days, small) {
    const kinds = data.values.map((_, index) => data.causes[index]?.[0]);
    const colours = kinds.map((kind) => colour[kind ?? "mute"]);
    const last = data.values.length - 1;
    return {
      label: "Reading",
      data: data.values.map((value, index) => ({ x: days[index], y: value })),
      borderColor: small ? colour.mute : colour["line-strong"],
      borderWidth: 1.5,
      pointStyle: kinds.map((kind) => SHAPES[kind] ?? "circle"),
      pointBackgroundColor: colours,
      pointBorderColor: colours,
      pointRadius: kinds.map((kind, index) => (kind ? (small ? 3.5 : 6) : small ? (index === last ? 2.5 : 0) : 3)),
      pointHitRadius: 8,
      clip: 10,
      order: -1,
    };
  }

  // ---- What happened, as numbered marks on the time axis: round for an action, square for a rebase.
  const marks = {
    id: "marks",
    afterDatasetsDraw(chart, _, { found }) {
      const { ctx, chartArea: area, scales } = chart;
      const ends = [];
      ctx.save();
      ctx.font = `600 11px ${Chart.defaults.font.family}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      found.forEach(([day, kind], index) => {
        const x = Math.min(Math.max(scales.x.getPixelForValue(time(day)), area.left), area.right);
        let row = 0;
        while (x - (ends[row] ?? -Infinity) < 18) row += 1;
        ends[row] = x;
        const y = area.top - 12 + row * 18;
        ctx.strokeStyle = ctx.fillStyle = colour.ink;
        ctx.lineWidth = kind === "rebase" ? 1.5 : 1;
        ctx.setLineDash(kind === "rebase" ? [] : [1, 3]);
        ctx.beginPath();
        ctx.moveTo(x, y + 8);
        ctx.lineTo(x, area.bottom);
        ctx.stroke();
        ctx.beginPath();
        if (kind === "rebase") ctx.rect(x - 8, y - 8, 16, 16);
        else ctx.arc(x, y, 8, 0, 2 * Math.PI);
        ctx.fill();
        ctx.fillStyle = "#fff";
        ctx.fillText(index + 1, x, y + 1);
      });
      ctx.restore();
    },
  };

  function scales(data, days, small) {
    // Limits may lie where no value can; the axis does not name such places.
    const least = data.unit === "%" || data.values.every((value) => value === null || value >= 0) ? 0 : -Infinity;
    const most = data.unit === "%" ? 100 : Infinity;
    return {
      x: {
        type: "linear",
        min: days[0],
        max: days.at(-1),
        display: !small,
        grid: { display: false },
        afterBuildTicks: (axis) => { axis.ticks = days.map((value) => ({ value })); },
        ticks: {
          maxRotation: 0,
          autoSkipPadding: 18,
          color: colour.mute,
          callback: (value, index, ticks) =>
            index && year(value) === year(ticks[index - 1].value) ? dayMonth(value) : [dayMonth(value), year(value)],
        },
      },
      y: {
        display: !small,
        grace: "8%",
        grid: { color: colour.line },
        ticks: {
          color: colour.mute,
          maxTicksLimit: 7,
          callback: (value) => (value < least || value > most ? null : figure(value, data.unit === "%" ? "%" : "")),
        },
        title: { display: Boolean(!small && data.unit && data.unit !== "%"), text: data.unit, color: colour.mute },
      },
    };
  }

  function tooltip(data) {
    return {
      displayColors: false,
      filter: (item) => item.dataset.label === "Reading",
      callbacks: {
        title: (items) => items.map((item) => whole(item.parsed.x)),
        label: (item) => figure(item.parsed.y, data.unit),
        afterLabel: (item) => {
          const [kind, words] = data.causes[item.dataIndex] ?? [];
          return kind ? `${kind[0].toUpperCase()}${kind.slice(1)}: ${words}` : "";
        },
      },
    };
  }

  function draw(canvas) {
    if (Chart.getChart(canvas)) return;
    const data = JSON.parse(canvas.dataset.controlChart);
    const days = data.days.map(time);
    const small = canvas.parentElement.matches(".is-small");
    const thin = { borderWidth: small ? 1 : 1.5 };
    const limit = (label, column) => line(label, level(data, days, column), colour["line-strong"], [6, 4], thin);
    // A target holds from its first day until the next one's.
    const targets = data.targets.flatMap(([first, y], index) =>
      [first, data.targets[index + 1]?.[0] ?? days.length - 1].map((at) => ({ x: days[at], y })));
    new Chart(canvas, {
      type: "line",
      data: {
        datasets: [
          readings(data, days, small),
          line("Mean", level(data, days, 2), colour.ink, [], thin),
          limit("Lower limit", 3),
          limit("Upper limit", 4),
          line("Target", targets, colour.target, [2, 3], { borderWidth: small ? 1.5 : 2 }),
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        layout: { padding: { top: !small && data.marks.length ? 22 : 6, right: small ? 6 : 10, left: small ? 6 : 0, bottom: small ? 6 : 0 } },
        scales: scales(data, days, small),
        plugins: { legend: { display: false }, tooltip: tooltip(data), marks: { found: small ? [] : data.marks } },
      },
      plugins: [marks],
    });
  }

  const drawAll = (root) => {
    if (root.matches?.(CANVAS)) draw(root);
    root.querySelectorAll(CANVAS).forEach(draw);
  };
  const drawn = () => Object.values(Chart.instances).filter((chart) => chart.canvas.matches(CANVAS));

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target.matches?.(CANVAS)) Chart.getChart(event.target)?.destroy();
  });
  // Paper has a width of its own, which nobody tells a canvas.
  addEventListener("beforeprint", () => drawn().forEach((chart) => {
    const { width, height } = chart.canvas.parentElement.matches(".is-small") ? PAPER_SMALL : PAPER;
    chart.resize(width, height);
  }));
  addEventListener("afterprint", () => drawn().forEach((chart) => chart.resize()));
})();
