// Makes the room's page alive: gestures without a reload, news as it comes. Everything also works without this file.
"use strict";

const narrow = matchMedia("(max-width: 60rem)");

// ---------------------------------------------------------------- one page into another

// Change `old` into `fresh` where they differ, so that focus, typed words, selection and scroll stay where they are.
function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !kept(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !kept(old, name)) old.setAttribute(name, value);
  }
  if (old.nodeName !== "TEXTAREA") morphChildren(old, fresh);
}

// What the reader did themselves: opened, closed, started to send.
function kept(element, attribute) {
  return (attribute === "open" && ["DETAILS", "DIALOG"].includes(element.nodeName)) || attribute === "aria-busy";
}

function morphChildren(old, fresh) {
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const match = wanted.id ? [...old.children].find((child) => child.id === wanted.id) : at;
    if (!match || match.nodeName !== wanted.nodeName || (match.id || "") !== (wanted.id || "")) {
      old.insertBefore(wanted, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// ---------------------------------------------------------------- news

let running = null;
let again = false;
let sent = 0; // forms in front of it all

function refresh() {
  again = true;
  running ??= catchUp().finally(() => (running = null));
  return running;
}

// A form that was sent is out of the page until Kring has looked at it; in front of who sent it, it stays in sight.
async function catchUp() {
  while (again) {
    again = false;
    const [before, waited] = [sent, underWay()];
    const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } }).catch(() => null);
    if (!answer?.ok) continue;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (before === sent && !waited && !underWay()) show(page);
  }
}

function underWay() {
  return document.querySelector("dialog [aria-busy]") !== null;
}

function show(page) {
  const modal = document.querySelector("dialog:modal");
  if (modal && !page.getElementById(modal.id)) modal.close(); // gives the focus back
  const wrong = page.querySelectorAll("[aria-invalid]").length;
  const was = document.querySelectorAll("[aria-invalid]").length;
  morph(document.body, page.body);
  if (document.title !== page.title) document.title = page.title;
  settle();
  if (wrong !== was) document.querySelector("[aria-invalid]")?.focus();
}

// What only the script knows: a form that keeps the focus inside, and what was not read yet.
function settle() {
  const dialog = document.querySelector("dialog[open]:not(:modal)");
  if (dialog) {
    dialog.close();
    dialog.showModal();
  }
  for (const door of document.querySelectorAll("[data-latest]")) mark(door);
}

function mark(door) {
  const key = `kring.seen.${door.dataset.door}`;
  const open = door.dataset.door === document.body.dataset.door;
  if (open && !document.hidden) localStorage.setItem(key, door.dataset.latest);
  const unread = Number(door.dataset.latest) > Number(localStorage.getItem(key) ?? 0);
  door.classList.toggle("unread", unread);
  const said = door.querySelector(".news");
  if (unread && !said) {
    const news = Object.assign(document.createElement("span"), { className: "unseen news" });
    news.textContent = ` (${document.body.dataset.new})`;
    door.append(news);
  } else if (!unread) said?.remove();
}

// In front of a form nothing behind it is read, so there it is said in the form.
function notice(text, form) {
  const inside = form.closest("dialog") !== null;
  const told = Object.assign(document.createElement("p"), { className: "notice", textContent: text });
  if (!inside) return document.getElementById("notice").replaceChildren(told);
  form.querySelector(".notice")?.remove();
  told.setAttribute("role", "alert");
  form.prepend(told);
}

// ---------------------------------------------------------------- gestures

async function send(form, button) {
  if (form.hasAttribute("aria-busy")) return; // sent once is enough
  form.setAttribute("aria-busy", "true");
  const inside = form.closest("dialog") !== null;
  if (inside) sent += 1;
  const body = new URLSearchParams(new FormData(form, button));
  if (body.has("event")) body.set("event", crypto.randomUUID());
  // As attributes: a button that is itself named "action" hides the form's property of that name.
  const where = button?.getAttribute("formaction") ?? form.getAttribute("action");
  const answer = await fetch(where, {
    method: "POST",
    headers: { Accept: "application/json" },
    keepalive: String(body).length < 60000, // arrives also when one walks on at once; browsers take 64 KiB
    body,
  }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  if (inside) form.removeAttribute("aria-busy");
  if (told?.ok) {
    if (form.matches(".composer")) form.reset();
    await refresh();
    if (inside && form.isConnected) form.querySelector("[aria-invalid]")?.focus();
  } else notice(told?.message ?? document.body.dataset.lost, form);
  form.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("method") !== "post") return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches?.(".composer textarea");
  if (!writing || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// Escape closes a form the way its button does.
document.addEventListener(
  "cancel",
  (event) => {
    event.preventDefault();
    event.target.querySelector(".dismiss")?.click();
  },
  true,
);

// ---------------------------------------------------------------- start

const guide = document.getElementById("guide");
if (guide) {
  const wanted = localStorage.getItem("kring.guide");
  if (wanted) guide.open = wanted === "open";
  if (narrow.matches) guide.open = false;
  guide.querySelector("summary").addEventListener("click", () => {
    localStorage.setItem("kring.guide", guide.open ? "closed" : "open"); // asked before it turns
  });
}
document.addEventListener("visibilitychange", settle);
settle();
new EventSource("/room/stream").addEventListener("changed", (event) => {
  if (event.data !== document.body.dataset.version) refresh();
});
