// The queue: mine, my desk's, escalated to me, and what a search finds; what is due next comes first.

import { $, call, complain, due, el, isOver, isSoon, me, reconcile, t, tell, tier, view } from "./page.js";

const QUERIES = { mine: "owner=me", desk: "desk=mine", escalated: "handled_by=me" };
// Who searches means any ticket they may see, also one that is over.
const FOUND = ["open", "in_progress", "waiting_customer", "resolved", "closed"].map((state) => `state=${state}`).join("&");

let asked = 0;
let typed = null;

export async function loadLists() {
  const search = $("search").value.trim();
  const queries = { ...QUERIES, ...(search && { found: `${FOUND}&search=${encodeURIComponent(search)}` }) };
  const turn = ++asked;
  const lists = await Promise.all(Object.values(queries).map((query) => call(`tickets?${query}`)));
  // Somebody typed on meanwhile: the answer to that comes.
  if (turn !== asked) return;
  Object.keys(queries).forEach((name, index) => { view.lists[name] = lists[index].tickets; view.more[name] = lists[index].more; });
  view.lists.desk = view.lists.desk.filter((entry) => entry.owner.login !== me);
  drawLists();
}

// Searching shows what is found; with nothing in the box, the list from before is there again.
export function search() {
  const is = $("search").value.trim() !== "";
  if (is && view.name !== "found") view.before = view.name;
  view.name = is ? "found" : view.before || "mine";
  document.querySelector("[data-view=found]").hidden = !is;
  clearTimeout(typed);
  typed = setTimeout(() => loadLists().catch((error) => complain(tell(error))), 200);
}

export function drawLists() {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const { view: name } = tab.dataset;
    tab.setAttribute("aria-selected", String(name === view.name));
    tab.tabIndex = name === view.name ? 0 : -1;
    tab.querySelector(".n").textContent = `${view.lists[name].length}${view.more[name] ? "+" : ""}`;
  }
  view.entries = view.lists[view.name];
  const items = view.entries.map((entry) => ({
    key: JSON.stringify([entry, entry.number === view.number]), make: () => drawEntry(entry),
  }));
  if (!items.length) items.push({ key: `empty.${view.name}`, make: () => el("p", { class: "empty" }, t(`empty.${view.name}`)) });
  if (view.more[view.name]) items.push({ key: "more", make: () => el("p", { class: "empty" }, t("more")) });
  reconcile($("list"), items);
  drawSoon();
}

function drawEntry(entry) {
  const isCurrent = entry.number === view.number;
  return el("button", {
    class: "entry", type: "button", "data-key": entry.number, "data-number": entry.number, "aria-current": String(isCurrent),
    title: isCurrent || !entry.last ? null : entry.last.text,
  },
    el("span", { class: "top" }, el("strong", {}, entry.number), entry.is_open ? due(entry.next_due_at) : el("span", {}, t(`state.${entry.state}`))),
    el("span", { class: "last" }, entry.last ? entry.last.text : ""),
    el("span", { class: "low" }, el("span", { class: "whose" }, `${t(`category.${entry.category}`)} · ${entry.owner.name}`), tier(entry.tier)));
}

// What is over and what will be within the hour, of one's own.
function drawSoon() {
  const over = view.lists.mine.filter((entry) => isOver(entry.next_due_at)).length;
  const soon = view.lists.mine.filter((entry) => isSoon(entry.next_due_at)).length;
  const parts = [[over, "late", `⚠ ${t("overdue", { count: over })}`], [soon, "soon-due", `◔ ${t("soon", { count: soon })}`]];
  const shown = parts.filter(([count]) => count);
  reconcile($("soon"), shown.map(([, kind, text]) => ({ key: text, make: () => el("span", { class: `due ${kind}` }, text) })));
}

// The neighbour of the ticket that is open, in sight.
export function neighbour(move) {
  const at = view.entries.findIndex((entry) => entry.number === view.number);
  return view.entries[Math.min(view.entries.length - 1, Math.max(0, at + move))]?.number;
}

export function showCurrent() {
  $("list").querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
}

// Tabs by arrow keys, as everywhere.
export function setUpTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      view.name = tab.dataset.view;
      if (view.name !== "found") view.before = view.name;
      drawLists();
    });
    tab.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move) return;
      const open = tabs.filter((one) => !one.hidden);
      const next = open[(open.indexOf(tab) + move + open.length) % open.length];
      next.click();
      next.focus();
    });
  }
}
