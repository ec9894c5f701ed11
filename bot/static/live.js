// Pages that show what the server has: what others change is fetched again as the server writes it.

const csrf = document.querySelector("meta[name=csrf]").content;
const LOOK_AGAIN = 20000;

export const $ = (id) => document.getElementById(id);

export function complain(text) {
  $("line").hidden = !text;
  $("line").textContent = text;
}

export function tell(error) {
  return error instanceof TypeError ? $("line").dataset.offline : error.message;
}

// Read out, also when it was said before.
export function announce(text) {
  $("live").textContent = "";
  requestAnimationFrame(() => { $("live").textContent = text; });
}

export async function send(path, body) {
  const answer = await fetch(`/api/v1/${path}`, {
    method: "POST", body: JSON.stringify(body), headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
  });
  if (answer.status === 401) location.reload();
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail || answer.statusText), { code: told.type?.split(":").at(-1) });
  return told;
}

// --- reading ---------------------------------------------------------------------------------------------------------

let root = null;
let shown = "";
let drawn = () => {};
let fetching = null;
let again = false;

// One look at a time; hints that come meanwhile cause one more.
export async function refresh() {
  if (fetching) { again = true; return fetching; }
  fetching = look();
  try { await fetching; complain(""); } catch (error) { complain(tell(error)); }
  fetching = null;
  if (again) { again = false; await refresh(); }
}

async function look() {
  const answer = await fetch(location.href, { redirect: "manual" });
  if (answer.type === "opaqueredirect") { location.reload(); return; }
  if (!answer.ok) throw new Error(await answer.text());
  show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(root.id));
}

// What is being typed stays, and the focus where it was. Nothing moves under a finger where nothing changed.
function show(fresh) {
  if (fresh.innerHTML === shown) return;
  shown = fresh.innerHTML;
  const focused = document.activeElement?.id;
  for (const control of root.querySelectorAll("input, select")) {
    const same = fresh.querySelector(`#${CSS.escape(control.id)}`);
    if (same && isEdited(control)) same.value = control.value;
  }
  for (const row of fresh.querySelectorAll("tr[data-login]")) {
    const before = root.querySelector(`tr[data-login="${CSS.escape(row.dataset.login)}"]`);
    if (before && before.textContent !== row.textContent) row.dataset.changed = "";
  }
  root.replaceChildren(...document.adoptNode(fresh).childNodes);
  drawn();
  if (focused) $(focused)?.focus();
}

export function isEdited(control) {
  return control.tagName === "SELECT" ? !control.selectedOptions[0]?.defaultSelected : control.value !== control.defaultValue;
}

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/console`);
  socket.onopen = () => refresh();
  socket.onmessage = (event) => {
    const { type } = JSON.parse(event.data);
    if (type === "account") location.reload();
    if (["changed", "presence"].includes(type)) refresh();
  };
  socket.onclose = () => { complain($("line").dataset.offline); setTimeout(connect, 1000 + Math.random() * 2000); };
}

// Keep a part of the page as the server has it; `whenDrawn` is called after it was drawn anew.
export function keepLive(id, whenDrawn = () => {}) {
  root = $(id);
  shown = root.innerHTML;
  drawn = whenDrawn;
  connect();
  // Consoles that are closed tell nobody; who looks at this page is here.
  setInterval(() => { if (document.visibilityState === "visible") { refresh(); if (socket?.readyState === WebSocket.OPEN) socket.send('{"type": "here"}'); } }, LOOK_AGAIN);
}
