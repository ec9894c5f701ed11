// The dialogs: what is done to a ticket needs a word or a choice first.

import { $, call, complain, desk, el, find, t, tell, view } from "./page.js";

// `send(data)` does it, and throws what went wrong: that is said here, where the eyes are, or above if it was closed. A
// title that promised a question by its dots has asked it now; `about` says which ticket is meant; `back` says where the
// focus goes where nothing else has it.
export function openDialog(promise, fields, send, { label = null, about = null, back = findPlace } = {}) {
  const asked = promise.replace(/…$/, "");
  const title = about ? `${asked} · ${about}` : asked;
  const dialog = el("dialog", { "aria-label": title });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const go = el("button", { class: "main", type: "submit" }, label ?? asked);
  const form = el("form", { method: "dialog" }, el("h2", {}, title), ...fields, fault,
    el("div", { class: "row" }, go, " ", el("button", { type: "button", onclick: () => dialog.close() }, t("act.cancel"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await send(new FormData(form));
      dialog.close();
    } catch (error) {
      fault.textContent = tell(error);
      fault.hidden = false;
      if (!dialog.open) complain(tell(error));
    }
    go.disabled = false;
  });
  dialog.append(form);
  const opener = document.activeElement.dataset.key;
  dialog.addEventListener("close", () => {
    dialog.remove();
    // What opened it may have been drawn anew meanwhile, or be gone with what was done.
    if (document.activeElement === document.body) back(opener)?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function findPlace(opener) {
  return find($("head"), opener) || find($("case"), opener) || $("box").querySelector("textarea") || $("head").querySelector("h2");
}

// Nobody is refused without a reason: `send(reason)` says no to `what`.
export function askWhyNot(what, send, { about, back }) {
  const words = el("textarea", { name: "reason", required: true, maxlength: "500" });
  return openDialog(t("decline.title", { what }), [el("label", {}, t("decline.why"), words)],
    (data) => send(data.get("reason")), { label: t("decline.act"), about, back });
}

function field(name, control) {
  control.setAttribute("name", name);
  control.setAttribute("required", "");
  return el("label", {}, t(`field.${name}`), control);
}

function choose(options) {
  return el("select", {}, ...options.map(([value, label]) => el("option", { value }, label)));
}

// `act(name, body, number)` does something to a ticket, `speak` the same for words: once, however often sent. What a
// dialog does, it does to the ticket that was open when its button was pressed.
export function makeDialogs({ act, speak }) {
  const ask = (name, fields, send) => {
    const { number } = view;
    openDialog(t(`act.${name}`), fields, (data) => send(data, number), { about: number });
  };
  const askWithPeople = async (name, draw, send) => {
    const { number } = view;
    try {
      const others = await chooseColleague(view.ticket.owner.login);
      // Somebody opened another ticket meanwhile, or pressed twice.
      if (number === view.number && !document.querySelector("dialog[open]")) ask(name, draw(others), send);
    } catch (error) {
      complain(tell(error));
    }
  };
  return {
    decline: (what, send) => askWhyNot(what, send, { about: view.number }),
    resolve: () => ask("resolve",
      [field("outcome", named("outcome", ["solved", "refused", "withdrawn"])), field("text", el("textarea", { maxlength: "4000" }))],
      (data, number) => speak("resolve", Object.fromEntries(data), number)),
    tier: () => ask("tier",
      [field("tier", named("tier", ["general", "major", "critical"].filter((name) => name !== view.ticket.tier))),
        field("reason", el("input", { maxlength: "500" }))],
      (data, number) => act("tier", Object.fromEntries(data), number)),
    stage: () => ask("stage",
      [field("stage", named("stage", ["investigating", "handling"].filter((name) => name !== view.ticket.stage)))],
      (data, number) => act("stage", Object.fromEntries(data), number)),
    handover: () => askWithPeople("handover",
      (others) => [field("to", others), field("reason", el("input", { maxlength: "500" }))],
      (data, number) => act("handover", Object.fromEntries(data), number)),
    help: () => askWithPeople("help", (others) => [field("helper", others)],
      (data, number) => act("help", Object.fromEntries(data), number)),
  };
}

function named(kind, names) {
  return choose(names.map((name) => [name, t(`${kind}.${name}`)]));
}

// Everybody but the owner; an auditor takes no case.
async function chooseColleague(owner) {
  const { people } = await call("people");
  const others = people.filter((one) => one.login !== owner && one.role !== "auditor");
  return choose(others.map((one) => [one.login, [one.name, t(`role.${one.role}`), one.desk && desk(one.desk)].filter(Boolean).join(" · ")]));
}
