// Values under the pointer, or at the arrow keys' place.
for (const svg of document.querySelectorAll("svg[data-chart]")) {
  const chart = JSON.parse(svg.dataset.chart);
  const tip = svg.nextElementSibling;
  const cursor = svg.querySelector(".cursor");
  let at = chart.x.length - 1;
  const show = i => {
    at = Math.max(0, Math.min(chart.x.length - 1, i));
    cursor.setAttribute("d", `M${chart.x[at]} ${chart.top}V${chart.bottom}`);
    tip.replaceChildren();
    for (const text of ["step " + chart.steps[at], ...chart.lines.map(l => `${l.name}: ${l.values[at]}`)]) {
      tip.append(Object.assign(document.createElement("div"), { textContent: text }));
    }
    tip.style.display = "block";
    const x = chart.x[at] / svg.viewBox.baseVal.width * svg.clientWidth;
    const left = x + 12 + tip.offsetWidth > svg.clientWidth ? x - 12 - tip.offsetWidth : x + 12;
    tip.style.left = Math.max(0, left) + "px";
  };
  const hide = () => {
    tip.style.display = "none";
    cursor.setAttribute("d", "");
  };
  svg.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect();
    const x = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    let near = 0;
    chart.x.forEach((at, i) => { if (Math.abs(at - x) < Math.abs(chart.x[near] - x)) near = i; });
    show(near);
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) show(at); });
  svg.addEventListener("keydown", e => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[e.key];
    if (by) {
      e.preventDefault();
      show(at + by);
    }
  });
}
