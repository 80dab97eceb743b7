// Sorting and filtering of the country table. Without scripts the page says the same.
"use strict";
(() => {
  const table = document.querySelector("table[data-sortable]");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const count = document.getElementById("count");

  const key = (row, place) => {
    const cell = row.cells[place];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  };
  const sort = (place, down) => {
    const sign = down ? -1 : 1;
    rows.sort((a, b) => {
      const [x, y] = [key(a, place), key(b, place)];
      return sign * (typeof x === "number" ? x - y : x.localeCompare(y));
    });
    body.append(...rows);
    heads.forEach((head, n) => {
      if (n === place) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };
  heads.forEach((head, place) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(place, now ? now === "ascending" : place > 0);
    });
  });

  const words = document.getElementById("find");
  const group = document.getElementById("group");
  const filter = () => {
    const text = words.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const named = `${row.dataset.code} ${row.cells[0].textContent}`.toLowerCase();
      const inside = !group.value || row.dataset.groups.split(" ").includes(group.value);
      row.hidden = !(named.includes(text) && inside);
      if (!row.hidden) shown += 1;
    }
    count.textContent = `${shown} of ${rows.length} countries`;
  };
  words.addEventListener("input", filter);
  group.addEventListener("change", filter);
  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const numbers = document.getElementById("numbers").textContent;
  const csv = () => {
    const page = JSON.parse(numbers);
    const lines = [["iso3", "name", "variable", "unit", "scenario", "median", "p05", "p95", "share_positive"]];
    for (const row of page.countries.rows) {
      for (const [scenario, f] of Object.entries(row.cells)) {
        lines.push([row.iso3, row.name, f.variable, f.unit, scenario, f.median, f.p05, f.p95, f.share_positive]);
      }
    }
    const quote = (cell) => `"${String(cell ?? "").replaceAll('"', '""')}"`;
    return lines.map((line) => line.map(quote).join(",")).join("\r\n");
  };
  document.querySelector('[data-save="csv"]').addEventListener("click", () => save("countries.csv", "text/csv", csv()));
  document.querySelector('[data-save="json"]').addEventListener("click", () => save("brief.json", "application/json", numbers));
  document.querySelectorAll(".tools").forEach((tools) => { tools.hidden = false; });
  filter();
})();
