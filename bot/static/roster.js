// The roster lives: what others change is fetched again as the server writes it, and what one does here is sent at once.
import { $, announce, complain, isEdited, keepLive, refresh, send, tell } from "./live.js";

async function change(login, body) {
  try {
    await send(`roster/${encodeURIComponent(login)}`, body);
  } catch (error) {
    complain(tell(error));
    return;
  }
  await refresh();
  announce($("live").dataset.saved);
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

keepLive("roster");
