for (const table of document.querySelectorAll("table[id]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => head.firstElementChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const number = head.classList.contains("n");
    const key = row => row.cells[place].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => number
      ? parseFloat(key(a) || "-1") - parseFloat(key(b) || "-1") : key(a).localeCompare(key(b)));
    table.tBodies[0].append(...(down ? rows.reverse() : rows));
  }));
}
