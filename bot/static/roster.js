// The roster lives: what others change is fetched again as the server writes it, and what one does here is sent at once.
const csrf = document.querySelector("meta[name=csrf]").content;
const $ = (id) => document.getElementById(id);
const LOOK_AGAIN = 20000;

function complain(text) {
  $("line").hidden = !text;
  $("line").textContent = text;
}

// --- reading ---------------------------------------------------------------------------------------------------------

let fetching = null;
let again = false;

// One look at a time; hints that come meanwhile cause one more.
async function refresh() {
  if (fetching) { again = true; return fetching; }
  fetching = look();
  try { await fetching; complain(""); } catch (error) { complain(error instanceof TypeError ? $("line").dataset.offline : error.message); }
  fetching = null;
  if (again) { again = false; await refresh(); }
}

async function look() {
  const answer = await fetch(location.href, { redirect: "manual" });
  if (answer.type === "opaqueredirect") { location.reload(); return; }
  if (!answer.ok) throw new Error(await answer.text());
  show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("roster"));
}

// What is being typed stays, and the focus where it was. Nothing moves under a finger where nothing changed.
let shown = $("roster").innerHTML;

function show(fresh) {
  if (fresh.innerHTML === shown) return;
  shown = fresh.innerHTML;
  const focused = document.activeElement?.id;
  for (const control of $("roster").querySelectorAll("input, select")) {
    const same = fresh.querySelector(`#${CSS.escape(control.id)}`);
    if (same && isEdited(control)) same.value = control.value;
  }
  for (const row of fresh.querySelectorAll("tr[data-login]")) {
    const before = $("roster").querySelector(`tr[data-login="${CSS.escape(row.dataset.login)}"]`);
    if (before && before.textContent !== row.textContent) row.dataset.changed = "";
  }
  $("roster").replaceChildren(...document.adoptNode(fresh).childNodes);
  if (focused) $(focused)?.focus();
}

function isEdited(control) {
  return control.tagName === "SELECT" ? !control.selectedOptions[0]?.defaultSelected : control.value !== control.defaultValue;
}

// --- changing --------------------------------------------------------------------------------------------------------

async function change(login, body) {
  try {
    const answer = await fetch(`/api/v1/roster/${encodeURIComponent(login)}`, {
      method: "POST", body: JSON.stringify(body), headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
    });
    if (!answer.ok) throw new Error((await answer.json()).detail || answer.statusText);
  } catch (error) {
    complain(error instanceof TypeError ? $("line").dataset.offline : error.message);
    return;
  }
  $("live").textContent = "";
  await refresh();
  $("live").textContent = $("live").dataset.saved;
}

function isSure(text) {
  const dialog = $("sure");
  $("sure-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

$("roster").addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-change]");
  if (!button) return;
  const { login } = button.closest("tr").dataset;
  const available = button.dataset.change === "on";
  if (available || await isSure(button.dataset.sure)) await change(login, { available });
});

$("roster").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { login } = form.closest("tr").dataset;
  const control = form.querySelector("input, select");
  if (!isEdited(control)) return;
  if (form.dataset.change === "limit") await change(login, { max_open: Number(control.value) });
  else if (await isSure(form.dataset.sure)) await change(login, { desk: control.value });
});

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/console`);
  socket.onopen = () => refresh();
  socket.onmessage = (event) => { if (["changed", "presence"].includes(JSON.parse(event.data).type)) refresh(); };
  socket.onclose = () => { complain($("line").dataset.offline); setTimeout(connect, 1000 + Math.random() * 2000); };
}

connect();
// Consoles that are closed tell nobody; who looks at this page is here.
setInterval(() => { if (document.visibilityState === "visible") { refresh(); if (socket?.readyState === WebSocket.OPEN) socket.send('{"type": "here"}'); } }, LOOK_AGAIN);
