// In a pane of a notebook, the notebook says whether it is light or dark; elsewhere the reader's system decides.
addEventListener("message", ({ data }) => {
  if (data?.colorScheme === "light" || data?.colorScheme === "dark") document.documentElement.style.colorScheme = data.colorScheme;
});
