// What tells something of a customer is masked. Who works on the ticket has one value shown at a time and says why, which
// is recorded. What is shown is in this page alone, until the ticket is left: in no storage, no address, no other page.

import { openDialog } from "./dialogs.js";
import { call, el, find, t, view } from "./page.js";

// What it is usually for; anything else is said in words.
const REASONS = ["shop_system", "call_customer", "carrier", "invoice", "check_identity"];
const OTHER = "other";
// By field: the value, and what stood in its place. Where something else stands there now, another value is behind it.
let told = new Map();

// Who leaves a ticket, or the page, leaves what was shown of it.
export function forget() {
  told = new Map();
}

addEventListener("pagehide", () => {
  forget();
  refill();
});

export function reasonOf(why) {
  return REASONS.includes(why) ? t(`reveal.for.${why}`) : why;
}

// Which values in a part of the ticket, such as "events/17", this person may have shown.
export function listRevealable(place) {
  return view.ticket.revealable.filter((field) => field.startsWith(`${place}/`));
}

// A value as it may be seen: where it is masked, with the button that shows it, or hides it again. `name`: what it is.
export function drawPersonal(field, masked, name) {
  if (!view.ticket.revealable.includes(field)) {
    told.delete(field);
    return masked;
  }
  const onclick = () => (told.has(field) ? hide(field) : ask(field, name));
  const node = el("span", { class: "personal", "data-field": field },
    el("span", { role: "status" }), " ", el("button", { type: "button", "data-key": `show/${field}`, onclick }));
  fill(Object.assign(node, { masked, name }));
  return node;
}

function fill(node) {
  const { field } = node.dataset;
  if (told.has(field) && told.get(field).masked !== node.masked) told.delete(field);
  const act = told.has(field) ? "hide" : "show";
  const [value, press] = node.children;
  value.textContent = told.get(field)?.value ?? node.masked;
  press.textContent = t(`reveal.${act}`);
  press.setAttribute("aria-label", t(`reveal.${act}_what`, { name: node.name }));
  node.classList.toggle("told", told.has(field));
}

function hide(field) {
  told.delete(field);
  refill();
}

function refill() {
  document.querySelectorAll(".personal").forEach(fill);
}

function ask(field, name) {
  const { number } = view;
  const dialog = openDialog(t("reveal.show_what", { name }), askWhy(), async (data) => {
    const reason = data.get("reason") === OTHER ? data.get("words") : data.get("reason");
    const { values } = await call(`tickets/${number}/reveal`, { field, reason });
    // Somebody opened another ticket meanwhile.
    if (number !== view.number) return;
    const { masked } = document.querySelector(`.personal[data-field="${CSS.escape(field)}"]`) ?? {};
    told.set(field, { value: values[field], masked });
    refill();
  }, { label: t("reveal.show"), about: number });
  dialog.addEventListener("close", () => find(document, `show/${field}`)?.focus());
}

// A usual reason, or words of one's own.
function askWhy() {
  const words = el("input", { name: "words", maxlength: "500", autocomplete: "off" });
  const own = el("label", { hidden: true }, t("reveal.words"), words);
  const reason = el("select", {
    name: "reason",
    onchange: () => {
      words.required = reason.value === OTHER;
      own.hidden = !words.required;
      if (words.required) words.focus();
    },
  }, ...[...REASONS, OTHER].map((why) => el("option", { value: why }, t(`reveal.for.${why}`))));
  return [el("p", { class: "by" }, t("reveal.recorded")), el("label", {}, t("field.reason"), reason), own];
}
