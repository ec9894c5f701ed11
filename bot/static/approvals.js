// What waits for a decision: read from the API, decided on the spot; the socket only says that something changed.

import { askWhyNot, openDialog } from "./console/dialogs.js";
import { drawMatter, nameOf } from "./console/matter.js";
import { $, call, complain, el, find, isLost, learnNames, me, actor, reconcile, t, tell, tick } from "./console/page.js";

const SIDES = ["mine", "asked", "all"];
const PAGE = 50;
const TITLE = document.title;
const NEWS = 4;
const list = { side: readSide(), pages: 1, lines: null, following: null, counts: null };

function readSide() {
  const side = new URLSearchParams(location.search).get("side");
  return SIDES.includes(side) ? side : "mine";
}

// --- reading ---------------------------------------------------------------------------------------------------------

let asked = 0;

// As many pages as are shown are read again: what came since stands in its place, what was decided is gone.
async function load() {
  const turn = ++asked;
  const { side, pages } = list;
  let lines = [], cursor = null, answer = null;
  for (let page = 0; page < pages && (page === 0 || cursor); page += 1) {
    answer = await call(`approvals?side=${side}&limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    lines = [...lines, ...answer.approvals];
    cursor = answer.next;
  }
  // Somebody turned to another side meanwhile: the answer to that comes.
  if (turn !== asked) return;
  const before = list.lines;
  // What moved from one page to the next while they were read comes twice.
  lines = [...new Map(lines.map((line) => [line.id, line])).values()];
  Object.assign(list, { lines, following: cursor, counts: answer.counts });
  draw();
  if (before) await tellGone(before.filter((line) => !lines.some(({ id }) => id === line.id)));
}

let refreshing = null;
let again = false;
let isStale = false;
let retrying = null;

// One look at a time; hints that come meanwhile cause one more, and who waits waits for that one too.
function refresh() {
  if (refreshing) again = true;
  refreshing ??= lookOn().finally(() => { refreshing = null; });
  return refreshing;
}

async function lookOn() {
  do {
    again = false;
    await lookOnce();
  } while (again);
}

async function lookOnce() {
  clearTimeout(retrying);
  try {
    await learnNames();
    await load();
    if (isStale) complain("");
    isStale = false;
  } catch (error) {
    isStale = true;
    complain(tell(error));
    if (!list.lines) drawNothing(tell(error));
    if (isLost(error)) retrying = setTimeout(refresh, 2000);
  }
}

// --- drawing ---------------------------------------------------------------------------------------------------------

function draw() {
  const { side, lines, following, counts } = list;
  for (const link of document.querySelectorAll("[data-side]")) {
    const { side: name } = link.dataset;
    if (name === side) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    link.querySelector(".n").textContent = counts[name];
  }
  document.title = counts.mine ? `(${counts.mine}) ${TITLE}` : TITLE;
  const held = here();
  const items = lines.map((line) => ({ key: JSON.stringify(line), make: () => drawMatter(line, acts) }));
  if (!items.length) items.push({ key: `empty.${side}`, make: () => el("li", { class: "empty" }, t(`approvals.empty.${side}`)) });
  reconcile($("matters"), items);
  $("more").hidden = !following;
  $("shown").textContent = following ? t("approvals.shown", { shown: lines.length, all: counts[side] }) : "";
  // Whoever was on a line that has gone goes on with the one that stands in its place.
  if (held && document.activeElement === document.body) focusOn(Math.min(held.at, lines.length - 1), held.key);
}

function drawNothing(text) {
  reconcile($("matters"), [{ key: text, make: () => el("li", { class: "empty" }, text) }]);
}

function rows() {
  return [...$("matters").querySelectorAll(".matter")];
}

// The line that one is on, by its place and by what of it has the focus.
function here() {
  const row = document.activeElement?.closest?.(".matter");
  return row && { at: rows().indexOf(row), key: document.activeElement.dataset.key };
}

function focusOn(at, key = null) {
  const row = rows()[at];
  const same = row && key && find(row, key);
  (same || row || $("matters")).focus();
}

// --- deciding --------------------------------------------------------------------------------------------------------

// Each act is sent once; what came of it is told, also that somebody else was first.
const SENDS = {
  confirm: (line) => call(`tickets/${line.ticket.number}/confirm`, { command: line.id }),
  ask: (line) => call(`tickets/${line.ticket.number}/confirm`, { command: line.id }),
  decline: (line, reason) => call(`tickets/${line.ticket.number}/decline`, { command: line.id, reason }),
  agree: (line) => call(`handovers/${line.id}`, { agreed: true }),
  refuse: (line, reason) => call(`handovers/${line.id}`, { agreed: false, reason }),
};
const underWay = new Set();
const settled = new Set();

// One request is decided once; asked for approval, the same command is another.
function keyOf(line) {
  return `${line.id}/${line.asked_by?.login ?? ""}`;
}

// Raises what went wrong, but for what somebody else has decided: that is told.
async function decide(name, line, reason) {
  const key = keyOf(line);
  if (underWay.has(key) || settled.has(key)) return;
  underWay.add(key);
  try {
    const answer = await SENDS[name](line, reason);
    const first = line.kind === "command" ? findDecider(answer, line) : null;
    settle(line);
    if (first && first.login !== me) news(`gone.${first.how}`, line, { name: actor(first.login) });
    else news(`done.${name}`, line);
    complain("");
  } catch (error) {
    if (isLost(error)) throw error;
    if (!await tellOutcome(line)) throw error;
  } finally {
    underWay.delete(key);
  }
  refresh();
}

// What is decided has left the list before the list is read again.
function settle(line) {
  settled.add(keyOf(line));
  list.lines = list.lines?.filter((one) => keyOf(one) !== keyOf(line)) ?? null;
  if (list.lines) draw();
}

const acts = {
  confirm: (line) => attempt("confirm", line),
  ask: (line) => attempt("ask", line),
  agree: (line) => attempt("agree", line),
  decline: (line) => askWhy("decline", line),
  refuse: (line) => askWhy("refuse", line),
};

async function attempt(name, line) {
  try {
    await decide(name, line);
  } catch (error) {
    complain(tell(error));
  }
}

function askWhy(name, line) {
  const at = here()?.at ?? 0;
  askWhyNot(nameOf(line), (reason) => decide(name, line, reason), { about: line.ticket.number, back: () => rows()[Math.min(at, rows().length - 1)] ?? $("matters") });
}

// By a key nothing is granted at once: what it is is asked first.
function askWhether(name, line) {
  const at = here()?.at ?? 0;
  const label = name === "agree" ? t("act.agree") : t(`confirm.${name}`, { what: nameOf(line) });
  const dialog = openDialog(name === "agree" ? nameOf(line) : label, [], () => decide(name, line),
    { label, about: line.ticket.number, back: () => rows()[Math.min(at, rows().length - 1)] ?? $("matters") });
  dialog.querySelector("button.main").focus();
}

// --- what became of it -----------------------------------------------------------------------------------------------

function news(key, line, params = {}) {
  const isMeanwhile = key.startsWith("gone.");
  const text = t(`approvals.${key}`, { what: line && nameOf(line), number: line?.ticket.number, ...params });
  const told = `${isMeanwhile ? "⚠" : "✓"} ${text}`;
  [...$("news").children].find((one) => one.textContent === told)?.remove();
  $("news").append(el("p", { class: isMeanwhile ? "warning" : "said" }, told));
  while ($("news").childElementCount > NEWS) $("news").firstElementChild.remove();
}

// Who had the word on a command first, and how; null while it waits as it did.
function findDecider(ticket, line) {
  const one = ticket.prepared.find(({ command }) => command === line.id);
  if (!one) return { how: "withdrawn" };
  if (one.declined_by) return { how: "declined", login: one.declined_by };
  if (one.confirmed_by) return { how: "confirmed", login: one.confirmed_by };
  return one.asked_by && !line.asked_by ? { how: "asked", login: one.asked_by } : null;
}

function findHandover(ticket, line) {
  if (ticket.handover?.id === line.id) return null;
  const { kind, actor: login } = ticket.events.filter((event) => ["handed_over", "handover_refused"].includes(event.kind)).at(-1) ?? {};
  return kind ? { how: kind, login } : { how: "ended" };
}

// Tell what became of something that one did not decide oneself; returns whether anything did.
async function tellOutcome(line) {
  let ticket;
  try {
    ticket = line.ticket.can_open ? await call(`tickets/${line.ticket.number}`) : null;
  } catch (error) {
    if (isLost(error)) return false;
  }
  const found = !ticket ? { how: "ended" } : (line.kind === "command" ? findDecider : findHandover)(ticket, line)
    ?? (ticket.is_open ? null : { how: "ended" });
  if (!found) return false;
  settle(line);
  news(`gone.${found.how}`, line, { name: found.login && actor(found.login) });
  return true;
}

// What has gone while one looked is told, of many only how many; what one has done oneself is told already.
async function tellGone(gone) {
  const others = gone.filter((line) => !settled.has(keyOf(line)) && !underWay.has(keyOf(line)));
  for (const line of others.slice(0, NEWS - 1)) await tellOutcome(line);
  if (others.length > NEWS - 1) news("gone.many", null, { count: others.length - NEWS + 1 });
}

// --- moving about ----------------------------------------------------------------------------------------------------

function turnTo(side) {
  Object.assign(list, { side, pages: 1, lines: null, following: null });
  $("news").replaceChildren();
  drawNothing(t("loading"));
  return refresh();
}

document.querySelector(".sides").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.side === list.side) return;
  history.pushState(null, "", link.href);
  turnTo(link.dataset.side);
});
addEventListener("popstate", () => { if (readSide() !== list.side) turnTo(readSide()).then(showNamed); else showNamed(); });
$("more").addEventListener("click", async () => {
  const at = list.lines.length;
  list.pages += 1;
  await refresh();
  focusOn(Math.min(at, list.lines.length - 1));
});

// The address names the line that one was on last: who comes back to it, or by a link, is there again.
function showNamed() {
  const number = decodeURIComponent(location.hash.slice(1));
  const row = rows().find((one) => number && one.dataset.number === number);
  row?.focus();
}

$("matters").addEventListener("focusin", (event) => {
  const { number } = event.target.closest(".matter")?.dataset ?? {};
  if (number) history.replaceState(history.state, "", `${location.pathname}${location.search}#${number}`);
});

const KEYS = { c: ["confirm", "ask", "agree"], x: ["decline", "refuse"] };
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") || !list.lines?.length) return;
  const at = here()?.at ?? -1;
  const move = { j: 1, k: -1 }[event.key];
  if (move) focusOn(Math.min(list.lines.length - 1, Math.max(0, at + move)));
  const line = list.lines[at];
  if (!line) return;
  const name = KEYS[event.key]?.find((one) => line.may.includes(one));
  if (name) {
    event.preventDefault();
    if (event.key === "c") askWhether(name, line); else acts[name](line);
  }
  if (event.key === "Enter" && event.target.matches(".matter")) event.target.querySelector("a")?.click();
});
// Another language shows the same list.
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", () => {
    link.search = new URLSearchParams({ lang: link.lang, side: list.side });
    link.hash = location.hash;
  });
}

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/console`);
  socket.onopen = () => refresh();
  socket.onmessage = (event) => { if (JSON.parse(event.data).type === "changed") refresh(); };
  socket.onclose = () => { isStale = true; complain(t("offline")); setTimeout(connect, 1000 + Math.random() * 2000); };
}

setInterval(tick, 1000);
// A hint may be lost; who looks at this page is here.
setInterval(() => { if (document.visibilityState === "visible") refresh(); }, 10000);
setInterval(() => { if (document.visibilityState === "visible" && socket?.readyState === WebSocket.OPEN) socket.send('{"type": "here"}'); }, 30000);
await refresh();
showNamed();
connect();
