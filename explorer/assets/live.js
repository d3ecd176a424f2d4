// Keeps a page up to date: when a block comes, the page is fetched again and every [data-live] part that changed is put in
// the place of the one before. Without this script the page is complete, and as old as its loading.
(() => {
  "use strict";

  const PAUSE = 1000; // The least time between two fetches, in milliseconds.
  const RETRY = 5000;
  const root = document.documentElement;
  const state = document.getElementById("live-state");
  const parts = (page) => page.querySelectorAll("[data-live][id]");

  // What the server sent for each part, to tell its changes from those that this script makes. Distances of times are not
  // compared: they change with the clock.
  const content = (part) => {
    const copy = part.cloneNode(true);
    for (const element of copy.querySelectorAll("[data-time]")) element.textContent = "";
    return copy.outerHTML;
  };
  const served = new Map();
  for (const part of parts(document)) served.set(part.id, content(part));
  root.classList.add("js");

  // Times

  // A clock that is far off must not show a deadline as past.
  let offset = 0;
  const setClock = (page) => {
    const difference = Number(page.documentElement.dataset.now) - Date.now();
    offset = Math.abs(difference) > 30000 ? difference : 0;
  };

  // The words of `distance` in text.rs.
  const distance = (now, at) => {
    const seconds = Math.floor(Math.abs(now - at) / 1000);
    if (seconds === 0) return "now";
    let span;
    if (seconds < 60) span = `${seconds} s`;
    else if (seconds < 3600) span = `${Math.floor(seconds / 60)} min`;
    else if (seconds < 172800) span = `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
    else span = `${Math.floor(seconds / 86400)} days`;
    return at > now ? `in about ${span}` : `${span} ago`;
  };

  const tick = () => {
    const now = Date.now() + offset;
    for (const element of document.querySelectorAll("[data-time]")) {
      const text = distance(now, Number(element.dataset.time));
      if (element.textContent !== text) element.textContent = text;
    }
  };

  // Parts

  const sameAs = (element) => (other) =>
    element.id
      ? other.id === element.id
      : !other.id &&
        other.dataset.copy === element.dataset.copy &&
        other.getAttribute("href") === element.getAttribute("href") &&
        other.textContent === element.textContent;

  const isSelected = (element) => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
  };

  const replace = (old, fresh) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const twin = focused && [...fresh.querySelectorAll(focused.localName)].find(sameAs(focused));
    const opened = [...old.querySelectorAll("details[id][open]")].map((details) => details.id);
    const scrolled = [...old.querySelectorAll("[id][tabindex]")].map((box) => [box.id, box.scrollTop, box.scrollLeft]);
    for (const details of fresh.querySelectorAll("details[id]")) details.open = opened.includes(details.id);
    old.replaceWith(fresh);
    for (const [id, top, left] of scrolled) document.getElementById(id)?.scrollTo({ top, left, behavior: "instant" });
    twin?.focus({ preventScroll: true });
  };

  // A part that was not there goes behind the part it follows in the fetched page.
  const insert = (fresh) => {
    let before = fresh.previousElementSibling;
    while (before && !(before.id && document.getElementById(before.id))) before = before.previousElementSibling;
    if (!before) return false;
    document.getElementById(before.id).after(document.importNode(fresh, true));
    return true;
  };

  const update = (part) => {
    const html = content(part);
    const old = document.getElementById(part.id);
    if (!old) {
      if (insert(part)) served.set(part.id, html);
    } else if (served.get(part.id) !== html && !isSelected(old)) {
      replace(old, document.importNode(part, true));
      served.set(part.id, html);
    }
  };

  const merge = (page) => {
    setClock(page);
    const fresh = [...parts(page)];
    if (fresh.length === 0) return;
    fresh.forEach(update);
    const ids = new Set(fresh.map((part) => part.id));
    for (const old of parts(document)) {
      if (!ids.has(old.id)) {
        served.delete(old.id);
        old.remove();
      }
    }
    tick();
    document.dispatchEvent(new Event("explorer:updated"));
  };

  // Fetching: one request at a time, and none while nobody looks.

  let running = false;
  let wanted = false;
  let timer = 0;

  const later = () => {
    wanted = true;
    if (!running && !timer && !document.hidden) timer = setTimeout(refresh, PAUSE);
  };

  const refresh = async () => {
    timer = 0;
    if (document.hidden) return;
    running = true;
    wanted = false;
    try {
      const answer = await fetch(location.href, {
        headers: { Accept: "text/html" },
        cache: "no-cache",
        signal: AbortSignal.timeout(10000),
      });
      if (answer.ok) merge(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The next block asks again.
    }
    running = false;
    if (wanted) later();
  };

  // Events

  let source = null;
  let retry = 0;

  const show = (text) => {
    if (!state || state.textContent === text) return;
    state.textContent = text;
    state.dataset.state = text;
  };

  const disconnect = () => {
    clearTimeout(retry);
    retry = 0;
    source?.close();
    source = null;
  };

  const connect = () => {
    if (source || document.hidden) return;
    source = new EventSource("/events");
    source.addEventListener("open", () => {
      // What came while the connection was down has no event of its own.
      if (state?.dataset.state) later();
      show("live");
    });
    source.addEventListener("block", later);
    source.addEventListener("error", () => {
      show("reconnecting");
      if (source?.readyState === EventSource.CLOSED) {
        disconnect();
        retry = setTimeout(connect, RETRY);
      }
    });
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      disconnect();
    } else {
      tick();
      connect();
    }
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);

  // Copying

  // Without a secure context there is no clipboard, only a selection to copy.
  const copySelected = (text) => {
    const box = document.createElement("textarea");
    box.className = "visually-hidden";
    box.value = text;
    document.body.append(box);
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    return copied;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copySelected(text);
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-copy]") : null;
    if (!button) return;
    if (await copy(button.dataset.copy)) {
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 1500);
    }
    button.focus({ preventScroll: true });
  });

  setClock(document);
  tick();
  setInterval(() => document.hidden || tick(), 1000);
  connect();
})();
