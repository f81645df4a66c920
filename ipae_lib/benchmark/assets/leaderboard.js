for (const table of document.querySelectorAll(".leaderboard table:not([data-sorts])")) {
  table.dataset.sorts = "yes";
  const heads = [...table.tHead.rows[0].cells];
  const sort = (head, down) => {
    const column = heads.indexOf(head);
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const numbers = !isNaN(x) && !isNaN(y);
      const sign = numbers ? x - y : x.localeCompare(y);
      return down ? -sign : sign;
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
  };
  heads.forEach(head => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () =>
      sort(head, head.getAttribute("aria-sort") !== "descending"));
  });
  // whoever changes the numbers says so, and the order stays that of the column
  table.addEventListener("rescored", () => {
    const head = heads.find(one => one.hasAttribute("aria-sort"));
    if (head) sort(head, head.getAttribute("aria-sort") === "descending");
  });
}
