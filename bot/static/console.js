// The console: queue, conversation, case. What changed is read from the API; the socket only says that something did.

import { drawCase } from "./console/case.js";
import { makeDialogs } from "./console/dialogs.js";
import { loadNotices, setUpNotices } from "./console/notices.js";
import { $, announce, call, clear, complain, el, find, isLost, isRefused, learnNames, makeKey, me, pair, t, tell, tick, view } from "./console/page.js";
import { forget } from "./console/personal.js";
import { drawLists, loadLists, neighbour, search, setUpTabs, showCurrent } from "./console/queue.js";
import { goBack, goTo, here, setUpSteps } from "./console/steps.js";
import { answeredBy, boxKey, drawBox, drawHead, drawLog, drawWarnings, dropDraft, hold, keepDraft, mayAnswer } from "./console/talk.js";

// --- what one does to the ticket that is open ------------------------------------------------------------------------

// Raises what went wrong.
async function act(name, body = {}, number = view.number) {
  const ticket = await call(`tickets/${number}/${name}`, body);
  complain("");
  // Somebody opened another one meanwhile.
  if (number !== view.number) return;
  show(ticket);
  view.opened = answeredBy(ticket);
  drawTicket();
}

// The ticket as it is now; what the customer has said since it was opened is read out, once.
function show(ticket) {
  const said = ticket.messages.filter((message) => message.seq > view.told);
  if (view.ticket) said.filter((one) => one.from === "customer").forEach((one) => announce(pair(t("who.customer"), one.text)));
  view.told = said.at(-1)?.seq ?? view.told;
  view.ticket = ticket;
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
async function speak(name, body, number = view.number) {
  const words = `${number}/${name}/${body.text}`;
  if (!view.unanswered.has(words)) view.unanswered.set(words, makeKey());
  await act(name, { ...body, key: view.unanswered.get(words) }, number);
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

async function decide(handover, body) {
  await call(`handovers/${handover}`, body);
  await refreshTicket();
}

async function sendReply(input, kind) {
  const text = input.value.trim();
  if (!text || input.readOnly) return;
  const { number } = view;
  const name = kind || (view.note ? "notes" : "messages");
  hold(input, true);
  const isSent = await attempt(() => speak(name, { text }, number));
  hold(input, false);
  if (isSent) dropDraft(number, text);
  if (input.isConnected) input.focus();
}

// --- opening and drawing ---------------------------------------------------------------------------------------------

// `passing`: by a key, from one ticket to the next; `going`: the focus goes along, for who came from a place that is no
// more in sight.
function openTicket(number, { passing = false, going = false } = {}) {
  goTo("talk", number, { passing: passing && view.number !== null });
  return loadTicket(number, "talk", { going });
}

async function loadTicket(number, name, { going = false } = {}) {
  keepDraft();
  const note = view.drafts.get(number)?.note ?? false;
  Object.assign(view, { number, ticket: null, told: 0, note, viewers: [], answering: null, typing: null });
  clearTimeout(viewing);
  viewing = setTimeout(tellViewing, 150);
  drawLists();
  showCurrent();
  drawLoading();
  showStep(name);
  if (going) $("head").querySelector("h2").focus();
  try {
    await refreshTicket();
    await loadNotices();
  } catch (error) {
    retry(error);
  }
}

// Where the browser's own buttons, or a link, have led.
function arrive({ step, number }) {
  if (!number) leaveTicket();
  else if (number !== view.number) loadTicket(number, step);
  else showStep(step);
}

// Nobody looks at a ticket who is back in the queue; the focus is on its line.
function leaveTicket() {
  const { number } = view;
  keepDraft();
  Object.assign(view, { number: null, ticket: null });
  tellViewing();
  drawLists();
  drawParts(null, t("empty.talk"));
  showStep("queue", number);
}

// A ticket that there is not, or that is not (or no more) for these eyes: nothing of it stays.
function closeTicket(error) {
  const text = t(`refused.${error.status}`, { number: view.number });
  keepDraft();
  Object.assign(view, { number: null, ticket: null });
  tellViewing();
  drawLists();
  drawParts(el("h2", { tabindex: "-1", "data-key": "title" }, stepButton("queue", "back")), text);
  announce(text);
}

// Nothing of the ticket before is left to be answered by mistake while the next one is on its way.
function drawLoading() {
  drawParts(el("h2", { tabindex: "-1", "data-key": "title" },
    stepButton("queue", "back"), view.number, stepButton("case", "to_case")), t("loading"));
}

function drawParts(head, text) {
  forget();
  clear($("head"), ...(head ? [head] : []));
  clear($("log"), el("p", { class: "empty" }, text));
  clear($("box"));
  clear($("case"));
  view.boxKey = null;
}

async function refreshTicket() {
  const { number } = view;
  if (!number) return;
  const before = view.ticket?.messages.at(-1)?.seq;
  let ticket;
  try {
    ticket = await call(`tickets/${number}`);
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (number === view.number) closeTicket(error);
    return;
  }
  if (number !== view.number) return;
  const isFirst = view.ticket === null;
  show(ticket);
  if (isFirst) view.opened = answeredBy(ticket);
  if (ticket.messages.at(-1)?.seq !== before) view.typing = null;
  drawTicket({ fresh: isFirst });
}

function drawTicket({ fresh = false } = {}) {
  drawHead(findActs(), stepButton);
  drawLog({ fresh });
  if (!fresh && boxKey() !== view.boxKey) keepDraft();
  if (fresh || boxKey() !== view.boxKey) drawBox({ send: sendReply, typing: tellTyping });
  drawWarnings();
  drawCase({
    back: () => goBack("talk", view.number),
    confirm: (command) => attempt(() => act("confirm", { command })),
    decline: (command, what) => dialogs.decline(what, (reason) => act("decline", { command, reason })),
    agree: (handover) => attempt(() => decide(handover, { agreed: true })),
    refuse: (handover, what) => dialogs.decline(what, (reason) => decide(handover, { agreed: false, reason })),
  });
  // The reply box took its room after the conversation was drawn.
  if (fresh) $("log").scrollTop = $("log").scrollHeight;
}

function stepButton(name, label) {
  const onclick = () => {
    if (name !== "case") { goBack(name, name === "queue" ? null : view.number); return; }
    goTo(name, view.number);
    showStep(name);
  };
  return el("button", { class: "back", type: "button", "data-key": name, onclick }, t(label));
}

// On a narrow screen the panes are steps: the focus goes along; in the queue to the line that one comes from.
function showStep(name, number = view.number) {
  const panes = document.querySelector(".panes");
  const isThere = panes.dataset.step === name;
  panes.dataset.step = name;
  if (isThere || (panes.contains(document.activeElement) && (document.activeElement.checkVisibility?.() ?? true))) return;
  const place = { queue: find($("list"), number) || $("list"), talk: $("head").querySelector("h2"), case: $("case") }[name];
  place?.focus();
}

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;
let isDown = false;
let lastTyped = 0;
let viewing = null;

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

// Who goes down the queue by keys looks at where they stop.
function tellViewing() {
  send({ type: "viewing", number: view.number });
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
    if (view.number) tellViewing();
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
  if (frame.type === "account") { keepDraft(); location.reload(); }
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
  refreshing = learnNames().then(() => Promise.all([loadLists(), refreshTicket(), loadNotices(), loadWaiting(), loadDuty()]));
  clearTimeout(retrying);
  try {
    await refreshing;
    if (isStale) complain("");
    isStale = false;
  } catch (error) {
    retry(error);
  }
  refreshing = null;
  if (again) { again = false; refresh(); }
}

// What is shown may be old; a line that broke is tried again soon, anything else when it is time anyway.
function retry(error) {
  isStale = true;
  complain(tell(error));
  clearTimeout(retrying);
  if (isLost(error)) retrying = setTimeout(refresh, 2000);
}

// What waits for one's own word has a page of its own; how much that is, is told here.
async function loadWaiting() {
  if (!$("waiting")) return;
  const { counts } = await call("approvals?limit=0");
  $("waiting-count").textContent = counts.mine;
  $("waiting").classList.toggle("some", counts.mine > 0);
  $("waiting").setAttribute("aria-label", t("approvals.link_count", { count: counts.mine }));
}

let said = 0;

// Whether one is on duty is the server's to say: somebody else, or one's own other window, may have set it.
async function loadDuty() {
  const before = said;
  const { on_break: isAway } = await call("me");
  if (before === said) $("available").checked = !isAway;
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
  said += 1;
  const isSaid = await attempt(() => call("presence", { available: target.checked }));
  said += 1;
  if (!isSaid) target.checked = !target.checked;
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const move = { j: 1, k: -1 }[event.key];
  const next = move && neighbour(move);
  if (next) openTicket(next, { passing: true });
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
// Who signs out leaves nothing of what they wrote behind.
document.querySelector("form[action='/console/sign-out']").addEventListener("submit", () => sessionStorage.clear());
await learnNames().catch(retry);
setUpSteps(arrive);
if (here().number) loadTicket(here().number, here().step);
connect();
