// what the theme's buttons say in attributes, which the pages' policy does not let run
document.addEventListener("click", event => {
  if (event.target.closest("[data-book-action=print]")) window.print();
});

// What scrolls can be reached by the keyboard, and only while there is something to scroll.
{
  const scrolling = "mjx-container[display=true], article figure, article pre, " +
    "article .cell_output .text_html, article .pst-scrollable-table-container";
  const overflows = e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
  const scrolls = e => overflows(e) && /auto|scroll/.test(getComputedStyle(e).overflow);
  const update = element => {
    if (scrolls(element)) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };
  const sizes = new ResizeObserver(entries => entries.forEach(entry => update(entry.target)));
  const watch = () => document.querySelectorAll(scrolling).forEach(e => sizes.observe(e));
  window.addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    watch();
  });
}
