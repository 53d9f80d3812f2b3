"use strict";
// Brings the page up to date in place: fetches its main part and changes only what differs, so that focus, selection,
// scroll position and opened details stay. Without this script the page is whole, only not fresh.
(() => {
  const main = document.getElementById("main");
  const pause = document.getElementById("pause");
  const stale = document.getElementById("stale");
  const every = Number(main.dataset.every) * 1000;
  const address = new URL(location.href);
  address.searchParams.set("fragment", "1");
  address.hash = "";
  let paused = false;
  let busy = false;
  let good = new Date();

  // What the reader did to an element is theirs.
  const theirs = (element, name) =>
    (name === "open" && element.nodeName === "DETAILS") || (name === "value" && element === document.activeElement);

  function likeness(node) {
    return node.nodeType === Node.ELEMENT_NODE ? node.nodeName + "#" + node.id : String(node.nodeType);
  }

  function attributes(old, fresh) {
    for (const { name, value } of fresh.attributes)
      if (old.getAttribute(name) !== value && !theirs(old, name)) old.setAttribute(name, value);
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name) && !theirs(old, name)) old.removeAttribute(name);
  }

  function morph(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    attributes(old, fresh);
    children(old, fresh);
  }

  function children(old, fresh) {
    const left = new Map();
    for (const child of old.childNodes) {
      const key = likeness(child);
      if (!left.has(key)) left.set(key, []);
      left.get(key).push(child);
    }
    const pairs = [...fresh.childNodes].map((wanted) => [wanted, left.get(likeness(wanted))?.shift()]);
    for (const rest of left.values()) for (const gone of rest) gone.remove();
    let place = old.firstChild;
    for (const [wanted, same] of pairs) {
      // An element that is moved loses the focus: what stands in its way and is no element gives way.
      while (place && place !== same && place.nodeType !== Node.ELEMENT_NODE) {
        const next = place.nextSibling;
        place.remove();
        place = next;
      }
      if (same === undefined) {
        old.insertBefore(document.adoptNode(wanted), place);
        continue;
      }
      morph(same, wanted);
      if (same === place) place = place.nextSibling;
      else old.insertBefore(same, place);
    }
  }

  async function update() {
    if (busy || paused || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error("status " + answer.status);
      const fresh = new DOMParser().parseFromString("<main>" + (await answer.text()) + "</main>", "text/html");
      if (!paused) children(main, fresh.querySelector("main"));
      document.title = document.getElementById("verdict")?.dataset.title ?? document.title;
      good = new Date();
      stale.hidden = true;
    } catch {
      const since = good.toISOString().slice(11, 19);
      const text = `Not updated since ${since} UTC: the exporter does not answer. What stands below is old.`;
      if (stale.textContent !== text) stale.textContent = text;
      stale.hidden = false;
    } finally {
      busy = false;
    }
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    update();
  });
  document.addEventListener("visibilitychange", update);
  setInterval(update, every);
})();
