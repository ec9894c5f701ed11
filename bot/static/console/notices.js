// Notices: what happened to one's tickets while one looked elsewhere.

import { $, announce, call, complain, el, moment, reconcile, t, tell } from "./page.js";
import { openDialog } from "./dialogs.js";

const TITLE = document.title;
// What was there before this page was opened is there to be read, and is not read out.
let told = null;

export async function loadNotices() {
  const { notices, more } = await call("notices");
  const count = `${notices.length}${more ? "+" : ""}`;
  $("bell-count").textContent = count;
  document.title = notices.length ? `(${count}) ${TITLE}` : TITLE;
  $("all-read").hidden = !notices.length;
  const items = notices.map((notice) => ({ key: JSON.stringify(notice), make: () => drawNotice(notice) }));
  reconcile($("notice-list"), items.length ? items : [{ key: "empty", make: () => el("p", { class: "empty" }, t("empty.notices")) }]);
  // Each is announced once, the oldest first: what came together, or while the line was down, is all told.
  const keys = items.map((item) => item.key);
  notices.filter((_, index) => told && !told.has(keys[index])).reverse().forEach((notice) => announce(noticeText(notice)));
  told = new Set([...(told ?? []), ...keys]);
}

function drawNotice(notice) {
  return el("button", { type: "button", "data-number": notice.number, "data-key": `${notice.number}/${notice.at}` }, `${noticeText(notice)} · ${moment(notice.at)}`);
}

function noticeText(notice) {
  const { clock, step: taken } = notice.details;
  return [notice.number, clock ? t(`clock.${clock}`) : t(`notice.${notice.kind}`), taken && t(`step.${taken}`)].filter(Boolean).join(" · ");
}

export function toggleNotices(open) {
  $("notices").hidden = !open;
  $("bell").setAttribute("aria-expanded", String(open));
}

async function readAll() {
  try {
    await call("notices/read", {});
    await loadNotices();
    $("bell").focus();
  } catch (error) {
    complain(tell(error));
  }
}

// What links a chat of one's own, to be sent to the shop's bot there.
async function telegramDialog() {
  try {
    const { send: line } = await call("me/telegram", {});
    const code = el("code", { tabindex: "0" }, line);
    openDialog(t("telegram.title"), [el("p", {}, t("telegram.how")), code], () => copy(line, code), { label: t("act.copy") });
  } catch (error) {
    complain(tell(error));
  }
}

// Where the browser lets no page copy, the line is selected for a copy by hand.
async function copy(line, code) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(line);
    return;
  }
  getSelection().selectAllChildren(code);
  throw new Error(t("telegram.by_hand"));
}

// `open(number)` opens the ticket of a notice.
export function setUpNotices(open) {
  $("all-read").addEventListener("click", readAll);
  $("telegram")?.addEventListener("click", telegramDialog);
  $("bell").addEventListener("click", () => toggleNotices($("notices").hidden));
  // Before, a click would do nothing.
  $("bell").disabled = false;
  $("notice-list").addEventListener("click", (event) => {
    const { number } = event.target.closest("button")?.dataset ?? {};
    if (!number) return;
    toggleNotices(false);
    open(number);
  });
  $("notices").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggleNotices(false);
    $("bell").focus();
  });
}
