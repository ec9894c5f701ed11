// The console: queue, conversation, case. What changed is read from the API; the socket only says that something did.

import { drawCase } from "./console/case.js";
import { makeDialogs } from "./console/dialogs.js";
import { loadNotices, setUpNotices } from "./console/notices.js";
import { $, call, clear, complain, el, isLost, learnNames, makeKey, me, t, tell, tick, view } from "./console/page.js";
import { drawLists, loadLists, neighbour, search, setUpTabs, showCurrent } from "./console/queue.js";
import { answeredBy, boxKey, drawBox, drawHead, drawLog, drawWarnings, keepDraft, mayAnswer } from "./console/talk.js";

// --- what one does to the ticket that is open ------------------------------------------------------------------------

// Raises what went wrong.
async function act(name, body = {}) {
  const { number } = view;
  const ticket = await call(`tickets/${number}/${name}`, body);
  complain("");
  // Somebody opened another one meanwhile.
  if (number !== view.number) return;
  view.ticket = ticket;
  view.opened = answeredBy(ticket);
  drawTicket();
}

// The same, with what went wrong told above; returns whether it was done.
async function attempt(doing) {
  try {
    await doing();
    return true;
  } catch (error) {
    complain(tell(error));
    return false;
  }
}

// The same words keep their key until the server has answered: sent again after a broken line, they are said once.
async function speak(name, body) {
  const words = `${view.number}/${name}/${body.text}`;
  if (!view.unanswered.has(words)) view.unanswered.set(words, makeKey());
  await act(name, { ...body, key: view.unanswered.get(words) });
  view.unanswered.delete(words);
}

const dialogs = makeDialogs({ act, speak });

function findActs() {
  const { is_open: isOpen, owner, state, stage } = view.ticket;
  if (!mayAnswer() || !isOpen) return [];
  const acts = owner.login !== me || state === "open" ? [["accept", () => attempt(() => act("accept"))]] : [];
  acts.push(["resolve", dialogs.resolve], ["tier", dialogs.tier]);
  if (stage && state !== "open") acts.push(["stage", dialogs.stage]);
  return [...acts, ["handover", dialogs.handover], ["help", dialogs.help], ["hand_back", () => attempt(() => act("hand-back"))]];
}

async function sendReply(input, kind) {
  const text = input.value.trim();
  if (!text) return;
  const { number } = view;
  input.readOnly = true;
  const name = kind || (view.note ? "notes" : "messages");
  const isSent = await attempt(() => (name === "notes" ? act(name, { text }) : speak(name, { text })));
  input.readOnly = false;
  if (number !== view.number) {
    if (isSent) view.drafts.delete(number);
    return;
  }
  if (isSent) {
    input.value = "";
    keepDraft("");
  }
  input.focus();
}

// --- opening and drawing ---------------------------------------------------------------------------------------------

// `going`: the focus goes along, for who came from a place that is no more in sight.
async function openTicket(number, { going = false } = {}) {
  keepDraft();
  Object.assign(view, { number, ticket: null, note: false, viewers: [], answering: null, typing: null });
  history.replaceState(null, "", `#${number}`);
  send({ type: "viewing", number });
  drawLists();
  showCurrent();
  drawLoading();
  step("talk");
  if (going) $("head").querySelector("h2").focus();
  try {
    await refreshTicket();
    await loadNotices();
  } catch (error) {
    complain(tell(error));
    // With a line that broke it is tried again; a ticket that there is not, or is not for these eyes, stays so.
    if (number === view.number && !view.ticket && !isLost(error)) {
      view.number = null;
      clear($("log"), el("p", { class: "empty" }, error.message));
    }
  }
}

// Nothing of the ticket before is left to be answered by mistake while the next one is on its way.
function drawLoading() {
  clear($("head"), el("h2", { tabindex: "-1", "data-key": "title" },
    stepButton("queue", "back"), view.number, stepButton("case", "to_case")));
  clear($("log"), el("p", { class: "empty" }, t("loading")));
  clear($("box"));
  clear($("case"));
}

async function refreshTicket() {
  const { number } = view;
  if (!number) return;
  const before = view.ticket?.messages.at(-1)?.seq;
  const ticket = await call(`tickets/${number}`);
  if (number !== view.number) return;
  const isFirst = view.ticket === null;
  view.ticket = ticket;
  if (isFirst) view.opened = answeredBy(ticket);
  const newest = ticket.messages.at(-1);
  if (newest?.seq !== before) view.typing = null;
  if (newest && !isFirst && newest.seq !== before && newest.from === "customer") $("live").textContent = `${t("who.customer")}: ${newest.text}`;
  drawTicket({ fresh: isFirst });
}

function drawTicket({ fresh = false } = {}) {
  drawHead(findActs(), stepButton);
  drawLog({ fresh });
  if (!fresh && boxKey() !== view.boxKey) keepDraft();
  if (fresh || boxKey() !== view.boxKey) drawBox({ send: sendReply, typing: tellTyping });
  drawWarnings();
  drawCase({
    step,
    confirm: (command) => attempt(() => act("confirm", { command })),
    decide: (handover, agreed) => attempt(async () => { await call(`handovers/${handover}`, { agreed }); await refreshTicket(); }),
  });
  // The reply box took its room after the conversation was drawn.
  if (fresh) $("log").scrollTop = $("log").scrollHeight;
}

function stepButton(name, label) {
  return el("button", { class: "back", type: "button", "data-key": name, onclick: () => step(name) }, t(label));
}

// On a narrow screen the panes are steps: the focus goes along.
function step(name) {
  const panes = document.querySelector(".panes");
  if (panes.dataset.step === name) return;
  panes.dataset.step = name;
  if (panes.contains(document.activeElement) && document.activeElement.checkVisibility()) return;
  const place = { queue: $("list").querySelector("[aria-current=true]") || $("list"), talk: $("head").querySelector("h2"), case: $("case") }[name];
  place?.focus();
}

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;
let isDown = false;
let lastTyped = 0;

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function tellTyping() {
  if (view.note || Date.now() - lastTyped < 2000) return;
  lastTyped = Date.now();
  send({ type: "typing", number: view.number });
}

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/console`);
  socket.onopen = () => {
    if (isDown) complain("");
    isDown = false;
    if (view.number) send({ type: "viewing", number: view.number });
    refresh();
  };
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    isDown = true;
    complain(t("offline"));
    setTimeout(connect, 1000 + Math.random() * 2000);
  };
}

function take(frame) {
  if (frame.type === "changed") refresh();
  if (frame.type === "presence" && frame.login === me) $("available").checked = frame.available;
  if (frame.type === "viewing" && frame.number === view.number) { view.viewers = frame.people; if (view.ticket) drawWarnings(); }
  if (frame.type === "answering" && frame.number === view.number) flash("answering", frame.name);
  if (frame.type === "typing" && frame.conversation === view.ticket?.conversation) flash("typing", true);
}

function flash(name, value) {
  const draw = () => { if (view.ticket) { drawLog(); drawWarnings(); } };
  view[name] = value;
  clearTimeout(view[`${name}Ends`]);
  view[`${name}Ends`] = setTimeout(() => { view[name] = null; draw(); }, 4000);
  draw();
}

let refreshing = null;
let again = false;
let isStale = false;
let retrying = null;

// One refresh at a time; hints that come meanwhile cause one more.
async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = Promise.all([loadLists(), refreshTicket(), loadNotices()]);
  clearTimeout(retrying);
  try {
    await refreshing;
    if (isStale) complain("");
    isStale = false;
  } catch (error) {
    isStale = true;
    complain(tell(error));
    retrying = setTimeout(refresh, 2000);
  }
  refreshing = null;
  if (again) { again = false; refresh(); }
}

// --- start -----------------------------------------------------------------------------------------------------------

setUpTabs();
setUpNotices((number) => openTicket(number, { going: true }));
$("search").addEventListener("input", search);
$("list").addEventListener("click", (event) => {
  const { number } = event.target.closest(".entry")?.dataset ?? {};
  if (number) openTicket(number);
});
$("available").addEventListener("change", async ({ target }) => {
  const isSaid = await attempt(() => call("presence", { available: target.checked }));
  if (!isSaid) target.checked = !target.checked;
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const move = { j: 1, k: -1 }[event.key];
  const next = move && neighbour(move);
  if (next) openTicket(next);
});
// Another language shows the same ticket.
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
setInterval(tick, 1000);
// A hint may be lost, with another process or a line that broke: nobody sees an old queue for longer than this.
setInterval(refresh, 10000);
// An open console means somebody is here, unless they say that they take a break.
setInterval(() => { if ($("available").checked) send({ type: "here" }); }, 30000);
$("log").append(el("p", { class: "empty" }, t("empty.talk")));
await learnNames().catch((error) => complain(tell(error)));
if (location.hash.startsWith("#SW-")) openTicket(location.hash.slice(1));
connect();
