// Tables sort, copy and download; the page is complete without this.
for (const box of document.querySelectorAll(".table")) {
  const table = box.querySelector("table");
  const read = () => [...table.rows].map(row =>
    [...row.cells].map(cell => cell.textContent.trim().replace(/\s+/g, " ")).join("\t")
  ).join("\n") + "\n";
  const tools = document.createElement("div");
  tools.className = "tools";
  const add = (words, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => act(button));
    tools.append(button);
  };
  add(said.copy, button => {
    const done = () => {
      button.textContent = said.copied;
      setTimeout(() => { button.textContent = said.copy; }, 2000);
    };
    const byHand = () => {
      const area = document.createElement("textarea");
      area.value = read();
      box.append(area);
      area.select();
      if (document.execCommand("copy")) done();
      area.remove();
      button.focus();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(read()).then(done, byHand);
    else byHand();
  });
  add(said.download, () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([read()], {type: "text/tab-separated-values"}));
    link.download = box.dataset.name + ".tsv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  box.append(tools);
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = said.sort;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => row.cells[place].textContent.trim();
      const number = text => parseFloat(text.replace(/^[<p= ]+/, "").replace(",", ".").replace("−", "-").replace(/^\./, "0."));
      const lines = [...table.tBodies[0].rows];
      const areNumbers = lines.every(row => !value(row) || !isNaN(number(value(row))));
      const rows = lines.sort((a, b) => {
        const [x, y] = [value(a), value(b)], [m, n] = [number(x), number(y)];
        if (!x || !y) return !x - !y;
        const order = areNumbers ? m - n : x.localeCompare(y, undefined, {numeric: true});
        return down ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
// Print what is folded; headers that hold buttons would not be repeated on every page.
const folded = [], buttons = [];
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details:not([open])")) {
    one.open = true;
    folded.push(one);
  }
  for (const one of document.querySelectorAll("th button")) {
    buttons.push([one, one.parentNode]);
    one.replaceWith(...one.childNodes);
  }
});
addEventListener("afterprint", () => {
  for (const one of folded.splice(0)) one.open = false;
  for (const [one, head] of buttons.splice(0)) {
    one.append(...head.childNodes);
    head.append(one);
  }
});
const contents = document.querySelector("nav details");
if (contents && matchMedia("(max-width: 69.9rem)").matches) contents.open = false;
