// What every part of the console stands on: its texts, its state, elements, the API, times.
// Everything people wrote is inserted as text, never as HTML.

export const language = document.documentElement.lang;
export const me = document.querySelector("meta[name=person]").content;
const csrf = document.querySelector("meta[name=csrf]").content;
const texts = await loadTexts();
// English is read all over the world, so the day comes first.
const LOCALE = language === "en" ? "en-GB" : language;
const HOUR = 3600000;

export const view = {
  name: "mine", lists: { mine: [], desk: [], escalated: [], found: [] }, more: {}, entries: [],
  number: null, ticket: null, opened: null, told: 0, note: false, viewers: [], drafts: new Map(), unanswered: new Map(),
};
export const $ = (id) => document.getElementById(id);

// Without its texts the page can say nothing, not even that they are missing: it asks until it has them.
async function loadTexts() {
  for (;;) {
    try {
      const answer = await fetch(`/console/texts/${language}.json`);
      if (answer.ok) return await answer.json();
    } catch { /* asked again */ }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

export function t(key, params = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

// "Owner: Lin", as that language writes it.
export function pair(name, value) {
  return t("pair", { name, value });
}

// A code that has words in this language, such as "sku" or "loss"; any other stays a code.
export function word(code) {
  return texts[`word.${code}`] ?? String(code);
}

// A rule of the policy in words; one of an older policy stays a code.
export function rule(code) {
  return texts[`rule.${code}`] ?? String(code);
}

// A desk of the shop's own has no name but the service file's.
export function desk(name) {
  return texts[`desk.${name}`] ?? name;
}

const people = new Map();
const NAMED_FOR = 5 * 60000;
let learntAt = -Infinity;

// They are asked for again after a while: people come, and are renamed.
export async function learnNames() {
  if (performance.now() - learntAt < NAMED_FOR) return;
  for (const one of (await call("people")).people) people.set(one.login, one.name);
  learntAt = performance.now();
}

// Who did something: somebody who works here by name; who has left by their login.
export function actor(login) {
  return texts[`who.${login}`] ?? people.get(login) ?? login;
}

// --- elements --------------------------------------------------------------------------------------------------------

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// Pressed twice, it does once what it does.
export function button(name, act, main = false) {
  let isUnderWay = false;
  const onclick = async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      await act();
    } finally {
      isUnderWay = false;
    }
  };
  return el("button", { type: "button", class: main ? "main" : null, "data-key": name, onclick }, t(`act.${name}`));
}

export function tier(name) {
  return el("span", { class: `tier ${name}` }, t(`tier.${name}`));
}

// Draw a part anew only when what it shows is another: nobody loses the place where they read, what they selected or
// the button that they are on to something that stayed as it was. What had the focus has it again; should it be gone,
// `next` says where to go on.
export function redraw(node, state, draw, next = null) {
  const shown = JSON.stringify(state);
  if (node.shown === shown) return;
  const held = node.contains(document.activeElement) && document.activeElement !== node ? document.activeElement.dataset.key || "" : null;
  node.shown = shown;
  node.replaceChildren(...draw());
  if (held !== null) (find(node, held) || next?.() || node).focus();
}

// Empty a part of what it shows, until there is something to show.
export function clear(node, ...children) {
  node.shown = null;
  node.replaceChildren(...children);
}

// The same for a list: an item is drawn once, and stays while its key does. What has gone is taken out first: nothing
// that stays is moved for it, and loses the focus by that.
export function reconcile(node, items) {
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const wanted = new Set(items.map(({ key }) => key));
  const before = new Map();
  for (const child of [...node.children]) {
    if (wanted.has(child.itemKey) && !before.has(child.itemKey)) before.set(child.itemKey, child);
    else child.remove();
  }
  let at = node.firstElementChild;
  for (const { key, make } of items) {
    const item = before.get(key) ?? Object.assign(make(), { itemKey: key });
    before.delete(key);
    if (item === at) at = at.nextElementSibling;
    else node.insertBefore(item, at);
  }
  if (held && document.activeElement?.dataset.key !== held) find(node, held)?.focus();
}

export function find(node, key) {
  return key ? node.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
}

// --- the API ---------------------------------------------------------------------------------------------------------

export async function call(path, body) {
  const options = body === undefined ? { signal: AbortSignal.timeout(10000) } : {
    method: "POST", body: JSON.stringify(body), headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
    signal: AbortSignal.timeout(30000),
  };
  const answer = await fetch(`/api/v1/${path}`, options);
  if (answer.status === 401) location.reload();
  const data = await answer.json().catch(() => null);
  if (answer.ok && data) return data;
  throw Object.assign(new Error(data?.detail || answer.statusText), { status: data ? answer.status : null, code: data?.type?.split(":").pop() });
}

// The line broke or was too slow, or what answered was not up to it (a proxy's page, too): to be tried again.
export function isLost(error) {
  return error instanceof TypeError || error.name === "TimeoutError" || error.status === null || error.status >= 500 || error.status === 429;
}

// What there is not, or not for these eyes: no other answer will come.
export function isRefused(error) {
  return error.status === 403 || error.status === 404;
}

export function tell(error) {
  return isLost(error) ? t("offline") : error.message;
}

export function complain(text) {
  $("line").hidden = !text;
  if ($("line").textContent !== text) $("line").textContent = text;
}

// Have something read out, after what is being read.
export function announce(text) {
  $("live").append(el("p", {}, text));
  while ($("live").childElementCount > 5) $("live").firstElementChild.remove();
}

// One key for one thing that is sent, however often; a page that is not served safely has no `randomUUID`.
export function makeKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- times -----------------------------------------------------------------------------------------------------------

function length(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  if (minutes < 1) return t("span.seconds", { seconds: Math.floor(Math.abs(milliseconds) / 1000) });
  if (minutes < 60) return t("span.minutes", { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t("span.hours", { hours, minutes: String(minutes % 60).padStart(2, "0") });
  return t("span.days", { days: Math.floor(hours / 24), hours: hours % 24 });
}

export function due(at) {
  const node = el("span", { class: "due", "data-due": at || "", title: at ? moment(at) : null });
  fillDue(node);
  return node;
}

function fillDue(node) {
  const at = node.dataset.due;
  const left = new Date(at) - Date.now();
  const text = !at ? t("due.none") : `${left < 0 ? "⚠ " : left < HOUR ? "◔ " : ""}${t(left < 0 ? "due.over" : "due.left", { time: length(left) })}`;
  if (node.textContent === text) return;
  node.textContent = text;
  node.className = `due${!at ? "" : left < 0 ? " late" : left < HOUR ? " soon-due" : ""}`;
}

function fillClock(node) {
  const { start, due: until } = node.dataset;
  const share = Math.min(1, (Date.now() - new Date(start)) / (new Date(until) - new Date(start)));
  node.querySelector(".fill").style.width = `${Math.round(share * 100)}%`;
  node.className = `clock${share >= 1 ? " late" : share >= 0.8 ? " warn" : ""}`;
}

// Every second: what is left, and how full the running clocks are.
export function tick() {
  document.querySelectorAll(".due[data-due]").forEach(fillDue);
  document.querySelectorAll(".clock[data-start]").forEach(fillClock);
}

export function isOver(at) {
  return at != null && new Date(at) < Date.now();
}

export function isSoon(at) {
  return at != null && !isOver(at) && new Date(at) - Date.now() < HOUR;
}

export function money(amount) {
  const yuan = { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" };
  return new Intl.NumberFormat(LOCALE, yuan).format(Number(amount));
}

export function moment(at) {
  return new Date(at).toLocaleString(LOCALE, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
