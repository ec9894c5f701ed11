// The dialogs: what is done to a ticket needs a word or a choice first.

import { $, call, complain, desk, el, find, t, tell, view } from "./page.js";

// `send(data)` does it, and throws what went wrong: that is said here, where the eyes are. A title that promised a
// question by its dots has asked it now.
export function openDialog(promise, fields, send, label = null) {
  const title = promise.replace(/…$/, "");
  const dialog = el("dialog", { "aria-label": title });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const go = el("button", { class: "main", type: "submit" }, label ?? title);
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
    }
    go.disabled = false;
  });
  dialog.append(form);
  const opener = document.activeElement.dataset.key;
  dialog.addEventListener("close", () => {
    dialog.remove();
    // What opened it may have been drawn anew meanwhile, or be gone with what was done.
    if (document.activeElement === document.body) (find($("head"), opener) || $("box").querySelector("textarea") || $("head").querySelector("h2"))?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function field(name, control) {
  control.setAttribute("name", name);
  control.setAttribute("required", "");
  return el("label", {}, t(`field.${name}`), control);
}

function choose(options) {
  return el("select", {}, ...options.map(([value, label]) => el("option", { value }, label)));
}

// `act(name, body)` does something to the ticket that is open, `speak` the same for words: once, however often sent.
export function makeDialogs({ act, speak }) {
  const withPeople = async (title, draw, send) => {
    try {
      openDialog(title, draw(await chooseColleague()), send);
    } catch (error) {
      complain(tell(error));
    }
  };
  return {
    resolve: () => openDialog(t("act.resolve"),
      [field("outcome", named("outcome", ["solved", "refused", "withdrawn"])), field("text", el("textarea", { maxlength: "4000" }))],
      (data) => speak("resolve", { outcome: data.get("outcome"), text: data.get("text") })),
    tier: () => openDialog(t("act.tier"),
      [field("tier", named("tier", ["general", "major", "critical"].filter((name) => name !== view.ticket.tier))),
        field("reason", el("input", { maxlength: "500" }))],
      (data) => act("tier", Object.fromEntries(data))),
    stage: () => openDialog(t("act.stage"),
      [field("stage", named("stage", ["investigating", "handling"].filter((name) => name !== view.ticket.stage)))],
      (data) => act("stage", Object.fromEntries(data))),
    handover: () => withPeople(t("act.handover"),
      (others) => [field("to", others), field("reason", el("input", { maxlength: "500" }))],
      (data) => act("handover", Object.fromEntries(data))),
    help: () => withPeople(t("act.help"), (others) => [field("helper", others)], (data) => act("help", Object.fromEntries(data))),
  };
}

function named(kind, names) {
  return choose(names.map((name) => [name, t(`${kind}.${name}`)]));
}

// Everybody but the owner; an auditor takes no case.
async function chooseColleague() {
  const { people } = await call("people");
  const others = people.filter((one) => one.login !== view.ticket.owner.login && one.role !== "auditor");
  return choose(others.map((one) => [one.login, [one.name, t(`role.${one.role}`), one.desk && desk(one.desk)].filter(Boolean).join(" · ")]));
}
