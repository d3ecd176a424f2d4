// Draws the installs of releases over time from the numbers in the table below the chart.
(() => {
  "use strict";

  const box = document.getElementById("installs-chart");
  if (!box || typeof uPlot === "undefined") return;

  const HEIGHT = 260;
  const COLOURS = ["--s1", "--s2", "--s3", "--s4", "--s5", "--s6"];
  const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
  const WHOLE = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power)).sort((a, b) => a - b);

  let chart = null;
  let drawn = "";

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const read = () =>
    [...document.querySelectorAll("#installs-numbers tbody[data-series]")].map((body) => ({
      name: body.dataset.series,
      points: body.dataset.points
        .split(",")
        .map((point) => point.split(":").map(Number))
        .map(([time, nodes]) => [time / 1000, nodes]),
    }));

  // Every series at every time: what it was before stays until it changes.
  const align = (all) => {
    const times = [...new Set(all.flatMap((each) => each.points.map(([time]) => time)))].sort((a, b) => a - b);
    const values = all.map(({ points }) => {
      let next = 0;
      let nodes = null;
      return times.map((time) => {
        while (next < points.length && points[next][0] <= time) nodes = points[next++][1];
        return nodes;
      });
    });
    return [times, ...values];
  };

  const series = ({ name }, index) => ({
    label: name,
    stroke: colour(COLOURS[index % COLOURS.length]),
    dash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length],
    width: 2,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: true, size: 5 },
  });

  const options = (all) => {
    const axis = {
      stroke: colour("--quiet"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    return {
      width: box.clientWidth,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: {
        // A single moment has no width of its own.
        x: { range: (_, from, to) => (to - from < 60 ? [from - 30, to + 30] : [from, to]) },
        y: { range: (_, __, most) => [0, Math.max(1, Math.ceil((most ?? 1) * 1.1))] },
      },
      axes: [axis, { ...axis, incrs: WHOLE, label: "Nodes", labelSize: 20, size: 44 }],
      series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" }, ...all.map(series)],
    };
  };

  const draw = () => {
    const all = read();
    const key = JSON.stringify(all);
    if (key === drawn) return;
    drawn = key;
    chart?.destroy();
    chart = null;
    box.hidden = all.length === 0;
    if (all.length > 0) chart = new uPlot(options(all), align(all), box);
  };

  const redraw = () => {
    drawn = "";
    draw();
  };

  new ResizeObserver(() => {
    if (chart && box.clientWidth > 0 && chart.width !== box.clientWidth) {
      chart.setSize({ width: box.clientWidth, height: HEIGHT });
    }
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("explorer:updated", draw);
  draw();
})();
