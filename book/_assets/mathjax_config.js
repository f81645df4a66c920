// MathJax, from the parts that the book needs: no menu, and packages of TeX only where named.
// It writes its rules into style elements, and styles into attributes. The pages' policy forbids
// both, and allows the same through the style sheets and the style objects of the document.
window.MathJax = {
  loader: {load: ["core", "input/tex-base", "[tex]/ams", "output/chtml", "a11y/assistive-mml"]},
  tex: {packages: {"[+]": ["ams"]}},
  options: {processHtmlClass: "tex2jax_process|mathjax_process|math|output_area"},
  startup: {
    ready() {
      MathJax.startup.defaultReady();
      const {adaptor, document: math} = MathJax.startup;
      const sheet = new CSSStyleSheet();
      document.adoptedStyleSheets.push(sheet);
      math.addStyleSheet = () => {
        const style = math.documentStyleSheet();
        if (!sheet.cssRules.length) sheet.replaceSync(style.textContent);
      };
      adaptor.insertRules = (_, rules) => {
        for (const rule of rules.reverse()) sheet.insertRule(rule);
      };
      const setAttribute = adaptor.setAttribute.bind(adaptor);
      adaptor.setAttribute = (element, name, ...value) => {
        if (name === "style") element.style.cssText = value[0];
        else setAttribute(element, name, ...value);
      };
    },
  },
};
