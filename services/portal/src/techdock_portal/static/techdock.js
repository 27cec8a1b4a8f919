// Improves the pages; everything works without it.
(() => {
  "use strict";
  // The reader's zone, so that their own time can stand beside the venue's.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`techdock_zone=${encodeURIComponent(zone)}`)) {
    document.cookie = `techdock_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  }

  // Menus close by Escape and by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.td-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.td-menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A form with data-keep holds what was typed in this browser until it has been saved.
  const textual = (field) => field.name && !field.name.startsWith("_") && !["hidden", "password", "file", "submit"].includes(field.type);
  const content = (form) => [...form.elements].filter(textual).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? `${field.value}:${field.checked}` : field.value]);
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = `techdock:${form.dataset.keep}`;
    const kept = localStorage.getItem(key);
    const fresh = JSON.stringify(content(form));
    const offer = form.querySelector("[data-kept]");
    if (kept && kept !== fresh && offer) {
      offer.hidden = false;
      offer.querySelector("button").addEventListener("click", () => {
        const values = JSON.parse(kept);
        [...form.elements].filter(textual).forEach((field, index) => {
          const [name, value] = values[index] ?? [];
          if (name !== field.name) return;
          if (field.type === "checkbox" || field.type === "radio") field.checked = value === `${field.value}:true`;
          else field.value = value;
        });
        offer.hidden = true;
        localStorage.removeItem(key);
      });
    }
    let pause;
    form.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => localStorage.setItem(key, JSON.stringify(content(form))), 400);
    });
  }
  // Saved: the page that follows says which key may go.
  for (const done of document.querySelectorAll("[data-saved]")) localStorage.removeItem(`techdock:${done.dataset.saved}`);

  // Choosing in a form marked data-go shows the result at once; the button stays for everybody else.
  for (const form of document.querySelectorAll("form[data-go]")) form.addEventListener("change", () => form.requestSubmit());

  // A list marked data-live is fetched anew when the server says that it has changed; never under an open menu.
  const live = document.querySelector("[data-live]");
  if (live && window.EventSource && window.htmx) {
    const list = () => document.querySelector("[data-live]");
    let wanted = live.dataset.stamp;
    const refresh = () => {
      if (list().dataset.stamp === wanted || list().querySelector("details.td-menu[open]")) return;
      const focused = list().contains(document.activeElement) ? document.activeElement : null;
      const again = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.getAttribute("href") && `a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
      const folds = [...list().querySelectorAll("details[open][id]")].map((fold) => fold.id);
      htmx.ajax("GET", location.pathname + location.search, { target: list(), select: "[data-live]", swap: "outerHTML" }).then(() => {
        for (const id of folds) if (document.getElementById(id)) document.getElementById(id).open = true;
        if (again && !list().contains(document.activeElement)) list().querySelector(again)?.focus();
      });
    };
    const source = new EventSource(live.dataset.live);
    source.addEventListener("list", (event) => {
      wanted = JSON.parse(event.data).stamp;
      refresh();
    });
    document.addEventListener("toggle", (event) => {
      if (event.target.matches("details.td-menu") && !event.target.open && list()) refresh();
    }, true);
    addEventListener("pagehide", () => source.close());
  }

  // A draft: a meeting is dragged to another slot; while it hangs, its free slots are marked and the words say what is in the way.
  const drop = document.querySelector("form[data-drop]");
  if (drop) {
    const told = document.querySelector("[data-told]");
    let dragged = null;
    let spots = {};
    const cell = (event) => event.target.closest?.("td[data-spot]");
    const mark = () => {
      for (const td of document.querySelectorAll("td[data-spot]")) {
        const spot = spots[td.dataset.spot];
        td.classList.toggle("is-room", Boolean(spot?.free));
        td.classList.toggle("is-clash", Boolean(spot && !spot.free));
      }
    };
    document.addEventListener("dragstart", (event) => {
      const meeting = event.target.closest?.("[data-meeting]");
      if (!meeting) return;
      dragged = meeting;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", meeting.dataset.meeting);
      fetch(meeting.dataset.spots).then((answer) => (answer.ok ? answer.json() : {})).then((found) => {
        if (dragged !== meeting) return;
        spots = found;
        mark();
      });
    });
    document.addEventListener("dragover", (event) => {
      const td = cell(event);
      const spot = td && spots[td.dataset.spot];
      if (!dragged || !spot) return;
      told.textContent = spot.told;
      if (spot.free) event.preventDefault();
    });
    document.addEventListener("drop", (event) => {
      const td = cell(event);
      const spot = td && spots[td.dataset.spot];
      if (!dragged || !spot?.free) return;
      event.preventDefault();
      [drop.elements.session.value, drop.elements.slot.value] = td.dataset.spot.split("/");
      drop.elements.request.value = dragged.dataset.meeting;
      drop.elements.table.value = td.querySelector("[data-meeting], .is-locked") ? "" : td.dataset.table;
      drop.requestSubmit();
    });
    document.addEventListener("dragend", () => {
      dragged = null;
      spots = {};
      told.textContent = "";
      mark();
    });
  }
})();
