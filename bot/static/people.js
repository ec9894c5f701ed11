// People and rights: what is proposed and decided here is sent at once, and the list is as the server has it.
import { $, announce, complain, keepLive, refresh, send, tell } from "./live.js";

// --- dialogs ---------------------------------------------------------------------------------------------------------

// Why something was not done, in the reader's language where it has words of its own.
function explain(error) {
  const known = error.code && $("faults").querySelector(`[data-code="${CSS.escape(error.code)}"]`);
  return known ? known.textContent : tell(error);
}

function fault(dialog, text) {
  const line = dialog.querySelector(".fault");
  line.hidden = !text;
  line.textContent = text;
}

let doing = null;

// Open a dialog; `act` is done on submitting it, and what goes wrong is told in it.
function ask(dialog, act) {
  doing = act;
  fault(dialog, "");
  if (!dialog.open) dialog.showModal();
}

for (const dialog of document.querySelectorAll("dialog:not(#password)")) {
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const missing = [...form.elements].find((field) => field.willValidate && !field.closest("[hidden]") && (!field.checkValidity() || (field.required && !field.value.trim())));
    if (missing) { fault(dialog, missing.validity.valid || missing.validity.valueMissing ? $("faults").querySelector("[data-code=incomplete]").textContent : missing.validationMessage); missing.focus(); return; }
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await doing(new FormData(form));
      dialog.close();
    } catch (error) { fault(dialog, explain(error)); }
    button.disabled = false;
  });
  // What is being typed is not lost to a step beside it; Esc and Cancel close.
  dialog.addEventListener("close", () => { const form = dialog.querySelector("form"); form.reset(); });
}

async function done(text) {
  await refresh();
  announce(text);
}

// Show what belongs to an act, and a desk only for who works at one.
function fit(dialog, act) {
  for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(act);
  const role = dialog.querySelector("select[name=role]");
  const desk = dialog.querySelector("[data-desk]");
  if (["add", "role", "return"].includes(act)) desk.hidden = role.selectedOptions[0].dataset.atDesk === "no";
}

// --- adding ----------------------------------------------------------------------------------------------------------

function place(form) {
  const desk = form.get("desk");
  return { role: form.get("role"), desk: document.querySelector("dialog[open] [data-desk]").hidden ? null : desk };
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#add")) return;
  fit($("adding"), "add");
  ask($("adding"), async (form) => {
    const email = form.get("email").trim();
    await send("people/proposals", {
      kind: "add", login: form.get("login").trim(), name: form.get("name"), why: form.get("why"), ...place(form), ...(email ? { email } : {}),
    });
    await done($("live").dataset.proposed);
  });
});
$("adding").addEventListener("change", () => fit($("adding"), "add"));

// --- changing --------------------------------------------------------------------------------------------------------

const changing = $("changing");

function chosen() {
  return changing.querySelector("input[name=act]:checked").value;
}

function openChange(row) {
  const { login, name, role, desk, tickets, may } = row.dataset;
  const acts = may.split(" ");
  const head = $("changing-head");
  head.textContent = head.dataset.title.replace("{name}", `${name} (${login})`);
  for (const radio of changing.querySelectorAll("input[name=act]")) {
    radio.closest("label").hidden = !acts.includes(radio.value);
    radio.checked = false;
  }
  const first = [...changing.querySelectorAll("input[name=act]")].find((radio) => acts.includes(radio.value));
  first.checked = true;
  changing.querySelector("input[name=name]").value = name;
  changing.querySelector("select[name=role]").value = role;
  if (desk) changing.querySelector("select[name=desk]").value = desk;
  const pass = changing.querySelector("[data-tickets]");
  pass.textContent = pass.dataset.tickets.replace("{count}", tickets);
  fit(changing, first.value);
  ask(changing, (form) => change(login, chosen(), form));
}

async function change(login, act, form) {
  const path = encodeURIComponent(login);
  if (act === "rename") await send(`people/${path}/rename`, { name: form.get("name") });
  else if (act === "close") await send(`people/${path}/deactivate`, {});
  else if (act === "move") await send(`roster/${path}`, { desk: form.get("desk") });
  else await send("people/proposals", { kind: act, login, why: form.get("why"), ...(act === "role" || act === "return" ? place(form) : {}) });
  await done($("live").dataset[["rename", "close", "move"].includes(act) ? "done" : "proposed"]);
}

changing.addEventListener("change", () => { fault(changing, ""); fit(changing, chosen()); });

// --- deciding --------------------------------------------------------------------------------------------------------

function decide(button) {
  const item = button.closest("li");
  const { act, sure } = button.dataset;
  const what = item.querySelector(".what").textContent;
  const path = `people/proposals/${item.dataset.id}/${act}`;
  if (act === "refuse") {
    $("refusing").querySelector(".what").textContent = what;
    ask($("refusing"), async (form) => { await send(path, { reason: form.get("reason") }); await done($("live").dataset.done); });
    return;
  }
  $("sure-what").textContent = what;
  $("sure-text").textContent = sure;
  ask($("sure"), async () => {
    const told = await send(path, {});
    if (act === "password") showPassword(told);
    await done($("live").dataset.done);
  });
}

// It stands here until it is closed, and nowhere else.
function showPassword({ login, password }) {
  $("password-login").textContent = login;
  $("password-word").textContent = password;
  $("password").showModal();
}

$("password").addEventListener("close", () => { $("password-word").textContent = ""; });
$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("password-word").textContent);
    announce($("copy").dataset.copied);
  } catch {
    // A page that is not served safely may not: it is selected, to be copied by hand.
    getSelection().selectAllChildren($("password-word"));
  }
});

$("people").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.act) decide(button);
  else if (button && "change" in button.dataset) openChange(button.closest("tr"));
});

// --- finding ---------------------------------------------------------------------------------------------------------

function find() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of $("people").querySelectorAll(".accounts tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    count += !row.hidden;
  }
  $("none-found").hidden = count > 0;
}

$("people").addEventListener("input", (event) => { if (event.target.id === "find") find(); });
keepLive("people", find);
complain("");
