// The panes of server.show(). Runs in the notebook's page each time that such an output is put on the screen.
(() => {
  const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

  function element(name, attributes = {}, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  // Jupyter's address up to its base URL, with a slash at the end: "https://hub.example.org/user/zoe/".
  function jupyter(kernel) {
    const config = document.getElementById("jupyter-config-data"); // JupyterLab and Notebook 7
    const base = (config && JSON.parse(config.textContent).baseUrl) || document.body.dataset.baseUrl || kernel.hub || "/";
    return new URL(base.endsWith("/") ? base : `${base}/`, location.origin).href;
  }

  // Where the reader's browser may find the kernel's port, best first. A page on this machine can still belong to a
  // kernel that is elsewhere (a tunnel, a container): that is why the proxy comes second there.
  function candidates(kernel) {
    const isJupyter = location.protocol.startsWith("http") && !location.hostname.endsWith(".vscode-cdn.net");
    // Under the page's own name: for a frame of another site, browsers keep cookies back.
    const direct = { base: location.hostname === "localhost" ? kernel.direct.replace("127.0.0.1", "localhost") : kernel.direct };
    if (!isJupyter) return [kernel.codespace ? { base: kernel.codespace.replace("PORT", kernel.port) } : direct];
    const proxied = { base: `${jupyter(kernel)}proxy/${kernel.port}`, isProxied: true };
    return LOCAL.has(location.hostname) && !kernel.hub ? [direct, proxied] : [proxied];
  }

  // The first candidate at which something answers; undefined when nothing does.
  async function reach(kernel) {
    const all = candidates(kernel);
    if (!location.protocol.startsWith("http")) return all[0]; // VS Code forbids a look, and forwards the port itself
    for (const candidate of all) {
      try {
        const { type, status } = await fetch(candidate.base + kernel.path, { method: "HEAD", mode: "no-cors" });
        if (type === "opaque" || status < 500) return candidate; // the proxy says 5xx when nobody listens
      } catch { /* refused: try the next */ }
    }
  }

  function pane(kernel, query, number, panes) {
    const label = `${kernel.path}${query} of server '${kernel.name}', tab ${number}`;
    const stage = element("div");
    const reload = element("button", { type: "button", textContent: "Reload" });
    const close = element("button", { type: "button", textContent: "Close" });
    reload.setAttribute("aria-label", `Reload tab ${number}`);
    close.setAttribute("aria-label", `Close tab ${number}`);
    const title = element("div", { className: "title", textContent: `Tab ${number} · ${kernel.path}${query}`, title: label });
    const section = element("section", {}, element("header", {}, title, reload, close), stage);
    section.setAttribute("aria-label", label);

    async function load() {
      stage.replaceChildren(); // the page that was there is gone at once, and with it its connections
      const found = await reach(kernel);
      if (!found) {
        const text = "Nobody answers: the server or its kernel has stopped. Run the cells from the top, then press Reload.";
        stage.append(element("p", { className: "note", textContent: text }));
        return;
      }
      const frame = element("iframe", { title: label, height: kernel.height, src: found.base + kernel.path + query });
      follow(frame);
      stage.append(frame);
      if (found.isProxied) panes.warn();
    }

    reload.onclick = load;
    close.onclick = () => {
      const { parentElement: root, nextElementSibling: after } = section;
      section.remove();
      const left = [...root.querySelectorAll("section")];
      if (!left.length) panes.end();
      (left.includes(after) ? after : left.at(-1))?.querySelector("button").focus();
    };
    load();
    return section;
  }

  function isDark() {
    const { dataset, classList } = document.body;
    if (dataset.jpThemeLight) return dataset.jpThemeLight === "false";
    if (/\bvscode-(light|dark|high-contrast)/.test(document.body.className)) return !/\bvscode-(high-contrast-)?light/.test(document.body.className);
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // Tell a page the notebook's theme, now and when it changes. The pages of the course listen (static/theme.js).
  function follow(frame) {
    const tell = () => {
      if (frame.isConnected) frame.contentWindow.postMessage({ colorScheme: isDark() ? "dark" : "light" }, "*");
      else watcher.disconnect();
    };
    const watcher = new MutationObserver(tell);
    watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
    frame.onload = tell;
  }

  for (const root of document.querySelectorAll("[data-course-panes]")) {
    const kernel = JSON.parse(root.dataset.coursePanes);
    delete root.dataset.coursePanes; // each output comes alive once
    const warning = element("p", {
      className: "note",
      textContent:
        "This page comes through jupyter-server-proxy, which loses close codes: each arrives as 1005, and a refused " +
        "handshake as a connection that drops. connect() inside the notebook sees the real ones.",
    });
    const panes = {
      warn: () => warning.isConnected || root.append(warning),
      end: () => root.replaceChildren(element("p", { className: "note", textContent: "All tabs are closed. Run the cell again to open them." })),
    };
    root.replaceChildren(...kernel.queries.map((query, index) => pane(kernel, query, index + 1, panes)));
  }
})();
