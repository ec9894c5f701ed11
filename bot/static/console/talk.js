// One ticket's conversation and the box to answer in.

import { $, actor, button, due, el, me, moment, pair, reconcile, redraw, t, view, word } from "./page.js";
import { drawPersonal, listRevealable, reasonOf } from "./personal.js";

// --- the head --------------------------------------------------------------------------------------------------------

export function mayAnswer() {
  return view.ticket.access === "work" || view.ticket.may_claim;
}

// `acts` are [name, what it does] in the order of use; the first is the one to do next where the ticket is new.
export function drawHead(acts, stepButton) {
  const { number, state, tier: level, clocks, is_open: isOpen } = view.ticket;
  const running = clocks.filter((clock) => !clock.met_at && !clock.paused && !clock.dropped_at).map((clock) => clock.due_at).sort();
  const next = isOpen ? running[0] : null;
  redraw($("head"), [number, state, level, next, acts.map(([name]) => name)], () => [
    el("h2", { tabindex: "-1", "data-key": "title" }, stepButton("queue", "back"), number, el("span", { class: `tier ${level}` }, t(`tier.${level}`)), el("span", {}, t(`state.${state}`)), next ? due(next) : null,
      stepButton("case", "to_case")),
    el("div", { class: "acts" }, ...acts.map(([name, act], index) => button(name, act, index === 0 && state === "open"))),
  ], () => $("box").querySelector("textarea") || $("head").querySelector("h2"));
}

// --- the conversation ------------------------------------------------------------------------------------------------

export function drawLog({ fresh = false } = {}) {
  const log = $("log");
  const atEnd = fresh || log.scrollHeight - log.scrollTop - log.clientHeight < 90;
  const { messages, events } = view.ticket;
  const items = [
    ...messages.map((message) => ({ at: message.at, key: JSON.stringify([view.number, message]), make: () => drawBubble(message) })),
    ...events.filter((event) => event.kind !== "answered").map((event, index) => (
      { at: event.at, key: JSON.stringify([view.number, index, event, listRevealable(`events/${event.id}`)]), make: () => drawEvent(event) })),
  ].sort((a, b) => new Date(a.at) - new Date(b.at));
  if (view.typing) items.push({ key: "typing", make: () => el("p", { class: "thin" }, t("typing.customer")) });
  reconcile(log, items);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function drawBubble(message) {
  const who = message.name || t(`who.${message.from}`);
  const bubble = el("div", { class: `bubble ${message.from}` }, el("span", { class: "by" }, `${who} · ${moment(message.at)}`), message.text);
  for (const photo of message.attachments || []) {
    bubble.append(el("img", {
      src: `/api/v1/tickets/${view.number}/photos/${photo.id}`, alt: t("photo", { name: who }), width: photo.width, height: photo.height,
    }));
  }
  return bubble;
}

// What a customer added beside their words.
const PRIVATE = ["address", "phone", "recipient", "note", "instruction", "title", "tax_number", "email"];

function drawEvent(event) {
  const details = event.details || {};
  const who = actor(event.actor);
  if (event.kind === "note") {
    return el("div", { class: "bubble note" }, el("span", { class: "by" }, `${t("event.note")} · ${who} · ${moment(event.at)}`), details.text || "");
  }
  const more = [details.clock && t(`clock.${details.clock}`), details.step && t(`step.${details.step}`), details.to && actor(details.to),
    details.handler && actor(details.handler), details.after && t(`tier.${details.after}`), details.stage && t(`stage.${details.stage}`),
    details.outcome && t(`outcome.${details.outcome}`), details.what && word(details.what),
    details.reason && event.actor === "shop" && word(details.reason),
    ...(event.kind === "revealed" ? [...details.fields.map((field) => word(field.split("/").pop())), reasonOf(details.why)] : [])].filter(Boolean).join(" · ");
  const added = PRIVATE.filter((name) => details[name])
    .flatMap((name) => [" · ", pair(word(name), ""), drawPersonal(`events/${event.id}/${name}`, details[name], word(name))]);
  return el("p", { class: "thin" }, [more ? pair(t(`event.${event.kind}`), more) : t(`event.${event.kind}`), who, moment(event.at)].join(" · "), ...added);
}

// --- the reply box ---------------------------------------------------------------------------------------------------

const DRAFTS = `drafts/${me}`;
// What somebody had begun is there again after a reload, also one that a session's end made.
try { view.drafts = new Map(JSON.parse(sessionStorage.getItem(DRAFTS)) || []); } catch { /* kept as long as the page */ }

// Words and for whom they are: what was meant for colleagues is never offered as an answer to the customer.
export function keepDraft() {
  const text = $("box").querySelector("textarea")?.value;
  if (view.number && text !== undefined) keep(view.number, text && { text, note: view.note });
}

function keep(number, draft) {
  if (draft) view.drafts.set(number, draft); else view.drafts.delete(number);
  try { sessionStorage.setItem(DRAFTS, JSON.stringify([...view.drafts])); } catch { /* kept as long as the page */ }
}

// What was sent is no draft any more; what somebody has written since stays.
export function dropDraft(number, sent) {
  const input = number === view.number ? $("box").querySelector("textarea") : null;
  if (input?.value.trim() === sent) input.value = "";
  if (input) keepDraft();
  else if (view.drafts.get(number)?.text.trim() === sent) keep(number, null);
}

// While words are on their way nothing else is sent from this box, and nothing changes in it.
export function hold(input, isHeld) {
  input.readOnly = input.form.querySelector("fieldset").disabled = isHeld;
}

// Words that are at hand go to where one writes; what is there already stays.
export function insert(text) {
  const input = $("box").querySelector("textarea");
  if (!input || input.readOnly) return;
  const isCall = ["/", "／"].includes(input.value);
  if (isCall) input.value = "";
  const before = input.value.slice(0, input.selectionStart);
  input.setRangeText(`${before && !/\s$/.test(before) ? " " : ""}${text}`, input.selectionStart, input.selectionEnd, "end");
  keepDraft();
  input.focus();
}

export function boxKey() {
  return `${view.number} ${mayAnswer()} ${view.ticket.is_open}`;
}

// `send(kind)` sends what is in the box; `typing()` tells that somebody writes.
export function drawBox({ send, typing }) {
  view.boxKey = boxKey();
  if (!view.ticket.is_open) { $("box").replaceChildren(); return; }
  if (!mayAnswer()) { $("box").replaceChildren(el("div", { id: "warnings" }), el("p", { class: "hint" }, t("not_yours"))); return; }
  const input = el("textarea", {
    "aria-label": t("box.reply"), placeholder: t("box.reply"), maxlength: "4000", "data-key": "input",
    onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(input); } },
    oninput: () => { keepDraft(); typing(); if (["/", "／"].includes(input.value)) openSaved(saved); },
  });
  input.value = view.drafts.get(view.number)?.text ?? "";
  const saved = el("select", { "aria-label": t("box.saved"), onchange: () => { if (saved.value) { insert(t(saved.value)); saved.value = ""; } } },
    el("option", { value: "" }, t("box.saved")), ...[1, 2, 3].map((n) => el("option", { value: `saved.${n}` }, t(`saved.${n}`))));
  const note = el("input", { type: "checkbox", onchange: () => { view.note = note.checked; keepDraft(); label(); input.focus(); } });
  note.checked = view.note;
  const main = el("button", { class: "main", type: "submit" }, t("act.reply"));
  const wait = el("button", { type: "button", onclick: () => send(input, "wait") }, t("act.wait"));
  const form = el("form", { onsubmit: (event) => { event.preventDefault(); send(input); } },
    input, el("fieldset", { class: "row" }, main, wait, el("label", {}, note, ` ${t("box.is_note")}`), saved));
  const label = () => {
    main.textContent = t(view.note ? "act.note" : "act.reply");
    input.placeholder = t(view.note ? "box.note" : "box.reply");
    input.setAttribute("aria-label", input.placeholder);
    form.classList.toggle("noting", view.note);
    wait.disabled = view.note;
  };
  label();
  $("box").replaceChildren(el("div", { id: "warnings", role: "status" }), form);
}

// Open, so that arrow keys choose among all of them and do not take the first.
function openSaved(saved) {
  saved.focus();
  try { saved.showPicker(); } catch { /* an older browser: it has the focus */ }
}

export function answeredBy(ticket) {
  return ticket.messages.filter((message) => message.from === "agent").length;
}

export function drawWarnings() {
  if (!$("warnings")) return;
  const lines = [
    view.answering && t("answering", { name: view.answering }),
    answeredBy(view.ticket) > view.opened && t("answered_since"),
    view.viewers.length > 0 && t("viewing", { names: view.viewers.join(", ") }),
  ].filter(Boolean);
  reconcile($("warnings"), lines.map((line) => ({ key: line, make: () => el("p", { class: "warning" }, line) })));
}
