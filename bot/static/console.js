// The console: queue, conversation, case. What changed is read from the API; the socket only says that something did.
// Everything people wrote is inserted as text, never as HTML.

const language = document.documentElement.lang;
const csrf = document.querySelector("meta[name=csrf]").content;
const me = document.querySelector("meta[name=person]").content;
const texts = await (await fetch(`/console/texts/${language}.json`)).json();

const view = { name: "mine", entries: [], number: null, ticket: null, lists: { mine: [], desk: [], escalated: [] }, opened: null, note: false, drafts: new Map(), unanswered: new Map() };
const $ = (id) => document.getElementById(id);

function t(key, params = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// --- the API ---------------------------------------------------------------------------------------------------------

async function call(path, body) {
  const options = body === undefined ? { signal: AbortSignal.timeout(10000) } : {
    method: "POST", body: JSON.stringify(body), headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
  };
  const answer = await fetch(`/api/v1/${path}`, options);
  if (answer.status === 401) location.reload();
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.detail || answer.statusText);
  return data;
}

async function act(name, body = {}) {
  try {
    view.ticket = await call(`tickets/${view.number}/${name}`, body);
    view.opened = answeredBy(view.ticket);
    complain("");
    drawTicket();
    return true;
  } catch (error) {
    complain(error instanceof TypeError ? t("offline") : error.message);
    return false;
  }
}

// The same words keep their key until the server has answered: sent again after a broken line, they are said once.
async function speak(name, body) {
  const words = `${view.number}/${name}/${body.text}`;
  if (!view.unanswered.has(words)) view.unanswered.set(words, crypto.randomUUID());
  const done = await act(name, { ...body, key: view.unanswered.get(words) });
  if (done) view.unanswered.delete(words);
  return done;
}

function complain(text) {
  $("line").hidden = !text;
  $("line").textContent = text;
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

function fillDue(node) {
  const at = node.dataset.due;
  if (!at) { node.textContent = t("due.none"); return; }
  const left = new Date(at) - Date.now();
  node.textContent = `${left < 0 ? "⚠ " : left < 3600000 ? "◔ " : ""}${t(left < 0 ? "due.over" : "due.left", { time: length(left) })}`;
  node.className = `due${left < 0 ? " late" : left < 3600000 ? " soon-due" : ""}`;
}

function due(at) {
  const node = el("span", { class: "due", "data-due": at || "", title: at ? moment(at) : null });
  fillDue(node);
  return node;
}

function moment(at) {
  return new Date(at).toLocaleString(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

// --- the queue -------------------------------------------------------------------------------------------------------

const QUERIES = { mine: "owner=me", desk: "desk=mine", escalated: "handled_by=me" };

async function loadLists() {
  const search = $("search").value.trim();
  const suffix = search ? `&search=${encodeURIComponent(search)}` : "";
  const lists = await Promise.all(Object.values(QUERIES).map((query) => call(`tickets?${query}${suffix}`)));
  Object.keys(QUERIES).forEach((name, index) => { view.lists[name] = lists[index].tickets; });
  view.lists.desk = view.lists.desk.filter((entry) => entry.owner.login !== me);
  drawLists();
}

function drawLists() {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.view === view.name));
    tab.querySelector(".n").textContent = view.lists[tab.dataset.view]?.length ?? "";
  }
  view.entries = view.lists[view.name] || [];
  const focused = document.activeElement?.dataset?.number;
  $("list").replaceChildren(...(view.entries.length
    ? view.entries.map(drawEntry)
    : [el("p", { class: "empty" }, t(`empty.${view.name}`))]));
  if (focused) $("list").querySelector(`[data-number="${focused}"]`)?.focus();
  const hour = view.lists.mine.filter((entry) => entry.next_due_at && new Date(entry.next_due_at) - Date.now() < 3600000);
  $("soon").textContent = hour.length ? `◔ ${t("soon", { count: hour.length })}` : "";
}

function drawEntry(entry) {
  const last = entry.last ? entry.last.text : "";
  return el("button", {
    class: "entry", type: "button", "data-number": entry.number, "aria-current": String(entry.number === view.number),
    onclick: () => openTicket(entry.number),
  },
    el("span", { class: "top" }, el("strong", {}, entry.number), due(entry.next_due_at)),
    el("span", { class: "last" }, last),
    el("span", { class: "low" }, el("span", {}, `${t(`category.${entry.category}`)} · ${entry.owner.name}`), tier(entry.tier)));
}

function tier(name) {
  return el("span", { class: `tier ${name}` }, t(`tier.${name}`));
}

// --- one ticket ------------------------------------------------------------------------------------------------------

async function openTicket(number) {
  keepDraft();
  view.number = number;
  view.note = false;
  document.querySelector(".panes").dataset.step = "talk";
  try {
    view.ticket = await call(`tickets/${number}`);
  } catch (error) {
    complain(error.message);
    return;
  }
  view.opened = answeredBy(view.ticket);
  complain("");
  send({ type: "viewing", number });
  drawLists();
  drawTicket({ fresh: true });
  loadNotices();
}

async function refreshTicket() {
  if (!view.number) return;
  const before = view.ticket?.messages.at(-1)?.seq;
  view.ticket = await call(`tickets/${view.number}`);
  const newest = view.ticket.messages.at(-1);
  if (newest?.seq !== before) view.typing = null;
  if (newest && newest.seq !== before && newest.from === "customer") $("live").textContent = `${t("who.customer")}: ${newest.text}`;
  drawTicket();
}

function answeredBy(ticket) {
  return ticket.messages.filter((message) => message.from === "agent").length;
}

function drawTicket({ fresh = false } = {}) {
  drawHead();
  drawLog();
  if (!fresh && boxKey() !== view.boxKey) keepDraft();
  if (fresh || boxKey() !== view.boxKey) drawBox();
  drawWarnings();
  drawCase();
  // The reply box took its room after the conversation was drawn.
  if (fresh) $("log").scrollTop = $("log").scrollHeight;
}

function boxKey() {
  return `${view.number} ${mayAnswer()} ${view.ticket.is_open}`;
}

function mayAnswer() {
  return view.ticket.access === "work" || view.ticket.may_claim;
}

function drawHead() {
  const ticket = view.ticket;
  const acts = [];
  if (mayAnswer() && ticket.is_open) {
    const mine = ticket.owner.login === me;
    if (!mine || ticket.state === "open") acts.push(button("accept", () => act("accept"), ticket.state === "open"));
    acts.push(button("resolve", resolveDialog), button("tier", tierDialog), ...(ticket.stage && ticket.state !== "open" ? [button("stage", stageDialog)] : []), button("handover", handoverDialog), button("help", helpDialog),
      button("hand_back", () => act("hand-back")));
  }
  $("head").replaceChildren(
    el("h2", {}, el("button", { class: "back", type: "button", onclick: () => step("queue") }, t("back")),
      ticket.number, tier(ticket.tier), el("span", {}, t(`state.${ticket.state}`)),
      el("button", { class: "back", type: "button", onclick: () => step("case") }, t("to_case"))),
    el("div", { class: "acts" }, ...acts));
}

function button(name, onclick, main = false) {
  return el("button", { type: "button", class: main ? "main" : null, onclick }, t(`act.${name}`));
}

function step(name) {
  document.querySelector(".panes").dataset.step = name;
}

function drawLog() {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 90 || !log.childElementCount;
  const items = [
    ...view.ticket.messages.map((message) => ({ at: message.at, node: () => drawBubble(message) })),
    ...view.ticket.events.filter((event) => event.kind !== "answered").map((event) => ({ at: event.at, node: () => drawEvent(event) })),
  ].sort((a, b) => new Date(a.at) - new Date(b.at));
  log.replaceChildren(...items.map((item) => item.node()));
  if (view.typing) log.append(el("p", { class: "thin" }, t("typing.customer")));
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function drawBubble(message) {
  const who = message.name || t(`who.${message.from}`);
  const bubble = el("div", { class: `bubble ${message.from}` }, el("span", { class: "by" }, `${who} · ${moment(message.at)}`), message.text);
  for (const photo of message.attachments || []) {
    bubble.append(el("img", { src: `/api/v1/tickets/${view.number}/photos/${photo.id}`, alt: "📷", width: photo.width, height: photo.height }));
  }
  return bubble;
}

// What a customer added beside their words: starred in the conversation, whole here.
const PRIVATE = ["address", "phone", "recipient", "note", "instruction", "title", "tax_number", "email"];

function drawEvent(event) {
  const details = event.details || {};
  if (event.kind === "note") {
    return el("div", { class: "bubble note" }, el("span", { class: "by" }, `${t("event.note")} · ${event.actor} · ${moment(event.at)}`), details.text || "");
  }
  const more = [details.clock && t(`clock.${details.clock}`), details.step && t(`step.${details.step}`), details.to, details.handler,
    details.after && t(`tier.${details.after}`), details.stage && t(`stage.${details.stage}`), details.outcome && t(`outcome.${details.outcome}`),
    details.what && word(details.what), details.reason && event.actor === "shop" && word(details.reason),
    ...PRIVATE.filter((name) => details[name]).map((name) => `${word(name)}: ${details[name]}`)].filter(Boolean).join(" · ");
  return el("p", { class: "thin" }, `${t(`event.${event.kind}`)}${more ? `: ${more}` : ""} · ${event.actor} · ${moment(event.at)}`);
}

// --- the reply box ---------------------------------------------------------------------------------------------------

function keepDraft() {
  const text = $("box").querySelector("textarea")?.value;
  if (view.number && text !== undefined) view.drafts.set(view.number, text);
}

function drawBox() {
  view.boxKey = boxKey();
  if (!view.ticket.is_open) { $("box").replaceChildren(); return; }
  if (!mayAnswer()) { $("box").replaceChildren(el("p", { class: "hint" }, t("not_yours"))); return; }
  const input = el("textarea", {
    "aria-label": t("box.reply"), placeholder: t("box.reply"), maxlength: "4000",
    onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); sendReply(input); } },
    oninput: () => { tellTyping(); if (input.value === "/") saved.focus(); },
  });
  input.value = view.drafts.get(view.number) || "";
  const saved = el("select", { "aria-label": t("box.saved"), onchange: () => { if (saved.value) { input.value = t(saved.value); input.focus(); saved.value = ""; } } },
    el("option", { value: "" }, t("box.saved")), ...[1, 2, 3].map((n) => el("option", { value: `saved.${n}` }, t(`saved.${n}`))));
  const note = el("input", { type: "checkbox", onchange: () => { view.note = note.checked; label(); } });
  const main = el("button", { class: "main", type: "submit" }, t("act.reply"));
  const wait = el("button", { type: "button", onclick: () => sendReply(input, "wait") }, t("act.wait"));
  const label = () => {
    main.textContent = t(view.note ? "act.note" : "act.reply");
    input.placeholder = t(view.note ? "box.note" : "box.reply");
    input.setAttribute("aria-label", input.placeholder);
    wait.disabled = view.note;
  };
  $("box").replaceChildren(el("div", { id: "warnings" }), el("form", { onsubmit: (event) => { event.preventDefault(); sendReply(input); } },
    input, el("div", { class: "row" }, main, wait, el("label", {}, note, ` ${t("box.is_note")}`), saved)));
}

async function sendReply(input, kind) {
  const text = input.value.trim();
  if (!text) return;
  input.disabled = true;
  const name = kind || (view.note ? "notes" : "messages");
  const sent = await (name === "notes" ? act(name, { text }) : speak(name, { text }));
  input.disabled = false;
  if (sent) { input.value = ""; view.drafts.delete(view.number); }
  input.focus();
}

function drawWarnings() {
  const box = $("warnings");
  if (!box) return;
  const others = (view.viewers || []).filter((name) => name !== view.myName);
  const lines = [
    view.answering && t("answering", { name: view.answering }),
    answeredBy(view.ticket) > view.opened && t("answered_since"),
    others.length > 0 && t("viewing", { names: others.join(", ") }),
  ].filter(Boolean);
  box.replaceChildren(...lines.map((line) => el("p", { class: "warning" }, line)));
}

// --- the case --------------------------------------------------------------------------------------------------------

function drawCase() {
  const ticket = view.ticket;
  const people = [el("p", {}, `${t("owner")}: ${ticket.owner.name}`), el("p", {}, `${t("filter.channel")}: ${t(`channel.${ticket.channel}`)}`)];
  if (ticket.contact) people.push(el("p", {}, `${t("contact")}: ${ticket.contact}`));
  if (ticket.handlers.length) people.push(el("p", {}, `${t("handlers")}: ${ticket.handlers.map((one) => one.name).join(", ")}`));
  if (ticket.helpers.length) people.push(el("p", {}, `${t("helpers")}: ${ticket.helpers.map((one) => one.name).join(", ")}`));
  if (ticket.handover) people.push(drawHandover(ticket.handover));
  $("case").replaceChildren(
    el("button", { class: "back", type: "button", onclick: () => step("talk") }, t("back")),
    el("h2", { class: "sr" }, t("case")), ...people, section("clocks"), ...[...ticket.clocks].sort((a, b) => CLOCKS.indexOf(a.kind) - CLOCKS.indexOf(b.kind)).map(drawClock),
    ...drawStages(ticket.stages), section("severity"), el("p", {}, tier(ticket.tier), ` ${ticket.reasons.map(reason).join(" · ")}`),
    ...drawPrepared(ticket), ...drawPacket(ticket), ...drawDecision(ticket.decision), ...drawOrder(ticket.order), ...drawSurveys(ticket.surveys));
}

const CLOCKS = ["claim", "response", "next_response", "resolution", "feedback"];

// "loss:one_order" is a cell of the severity table, "changed:major" a person's decision, the rest are signals.
function reason(code) {
  return code.split(":").map((part) => word(part)).join(" × ");
}

function word(code) {
  return texts[`word.${code}`] ?? String(code);
}

// A rule of the policy in words; one of an older policy stays a code.
function rule(code) {
  return texts[`rule.${code}`] ?? String(code);
}

function section(name) {
  return el("h3", {}, t(name));
}

function drawHandover(asked) {
  const decide = async (agreed) => {
    try { await call(`handovers/${asked.id}`, { agreed }); await refreshTicket(); } catch (error) { complain(error.message); }
  };
  return el("div", { class: "warning" }, t("handover", asked), el("div", {}, button("agree", () => decide(true), true), " ", button("refuse", () => decide(false))));
}

// A complaint's stages: when each was reached, or until when it is promised.
function drawStages(stages) {
  if (!stages.length) return [];
  return [section("stages"), ...stages.map((one) => el("p", { class: !one.at && new Date(one.due_at) < Date.now() ? "late" : null },
    `${t(`stage.${one.stage}`)}: `, one.at ? `✓ ${moment(one.at)}` : due(one.due_at)))];
}

function drawClock(clock) {
  const share = clock.met_at || clock.paused ? clock.share : Math.min(1, (Date.now() - new Date(clock.started_at)) / (new Date(clock.due_at) - new Date(clock.started_at)));
  const late = clock.breached_at || (!clock.met_at && share >= 1);
  const stands = clock.met_at ? el("span", {}, `${clock.is_met ? "✓" : "⚠"} ${t(clock.is_met ? "clock.met" : "clock.late")}`)
    : clock.paused ? el("span", {}, `‖ ${t("clock.paused")}`) : due(clock.due_at);
  return el("div", { class: `clock${late ? " late" : !clock.met_at && share >= 0.8 ? " warn" : ""}` },
    el("span", {}, `${t(`clock.${clock.kind}`)}${clock.cycle > 1 ? ` #${clock.cycle}` : ""}`), stands,
    el("span", { class: "track" }, bar(share)));
}

function bar(share) {
  const made = el("span", { class: "fill" });
  made.style.width = `${Math.round(share * 100)}%`;
  return made;
}

// The hand-off packet: nothing in it has to be asked again. The server writes it in this page's language.
function drawPacket({ packet }) {
  const failed = packet.findings.includes("turn_failed") ? el("p", { class: "warning" }, `⚠ ${word("turn_failed")}`) : null;
  const mood = el("p", { class: "facts" }, el("span", { class: `mood ${packet.mood.level}` }, `${t("packet.mood")}: ${packet.mood.text}`),
    ` ${[packet.mood.signs.join(" · "), packet.mood.came_often && t("packet.raised"), t("packet.often", packet.contacts)].filter(Boolean).join(" · ")}`);
  const words = packet.wants.words.map((said) => el("blockquote", {}, said));
  return [section("packet"), failed, el("p", {}, packet.summary), ...words, mood,
    ...part("known", packet.known.map((fact) => el("li", {}, el("span", { class: "source" }, fact.source_label), ` ${fact.label === fact.text ? fact.text : `${fact.label}: ${fact.text}`}`))),
    ...part("tried", packet.tried.map((one) => el("li", {}, `${one.text} `, el("span", { class: "by" }, [moment(one.at), ...one.rules.map(rule), ...one.clauses].join(" · "))))),
    ...part("open", packet.open.map((question) => el("li", {}, `? ${question}`)), el("p", {}, `✓ ${t("packet.nothing_open")}`)),
  ].filter(Boolean);
}

function part(name, items, none = null) {
  return items.length ? [el("h4", {}, t(`packet.${name}`)), el("ul", { class: "facts" }, ...items)] : [none];
}

function nameOf(order, sku) {
  return order?.items.find((item) => item.sku === sku)?.name[language] ?? sku;
}

// What the bot made ready and may not run by itself: one press lets exactly that run, once.
function drawPrepared({ prepared, order }) {
  if (!prepared?.length) return [];
  return [section("prepared"), ...prepared.map((one) => {
    const what = [word(one.kind), one.amount && `¥${one.amount}`].filter(Boolean).join(" ");
    const details = Object.entries(one.details).filter(([name]) => name !== "amount");
    const stands = t(`prepared.${one.state}`, { ...one, reason: one.reason && word(one.reason) });
    const press = async (event) => {
      event.target.disabled = true;
      await act("confirm", { command: one.command });
    };
    return el("div", { class: one.may ? "warning" : "" }, el("p", {}, `${what} · ${one.order_number} · ${stands}`),
      details.length ? el("ul", {}, ...details.map(([name, value]) => el("li", {}, name === "sku" ? nameOf(order, value) : `${word(name)}: ${word(value)}`))) : "",
      one.may && view.ticket.is_open && view.ticket.access === "work" ? el("button", { type: "button", class: "main", onclick: press }, t(`confirm.${one.may}`, { what })) : "");
  })];
}

function drawDecision(decision) {
  if (!decision) return [];
  const said = decision.explanation?.[view.ticket.language] || decision.explanation?.[language] || "";
  const use = () => { const input = $("box").querySelector("textarea"); if (input) { input.value = said; input.focus(); } };
  return [section("decision"), el("p", {}, said), el("p", { class: "by" }, (decision.rules || []).map(rule).join(" · ")),
    said && mayAnswer() && view.ticket.is_open ? el("p", {}, button("use", use)) : null].filter(Boolean);
}

function drawOrder(order) {
  if (!order) return [];
  const findings = order.findings.length ? order.findings.map((finding) => el("li", {}, `⚠ ${word(finding.id)}`)) : [el("li", {}, `✓ ${t("order.fine")}`)];
  return [section("order"), el("p", {}, `${order.number} · ¥${order.amount} · ${word(order.stage)}`),
    el("ul", {}, ...order.items.map((item) => el("li", {}, `${item.name[language] || Object.values(item.name)[0]} × ${item.quantity}`))),
    el("ul", { class: "check" }, ...findings),
    order.shipment ? el("p", { class: "by" }, `${order.shipment.carrier} ${order.shipment.tracking_number}`) : null].filter(Boolean);
}

function drawSurveys(surveys) {
  const answered = surveys.filter((survey) => survey.answered_at);
  if (!answered.length) return [];
  return [section("survey"), ...answered.map((survey) => el("p", {}, `${survey.outcome ?? "–"} / ${survey.service ?? "–"} / ${survey.process ?? "–"} ${survey.comment || ""}`))];
}

// --- dialogs ---------------------------------------------------------------------------------------------------------

function openDialog(title, fields, onsend, send = title) {
  const dialog = el("dialog", { "aria-label": title });
  const form = el("form", { method: "dialog" }, el("h2", {}, title), ...fields,
    el("div", { class: "row" }, el("button", { class: "main", type: "submit" }, send), " ", el("button", { type: "button", onclick: () => dialog.close() }, t("act.cancel"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await onsend(new FormData(form))) dialog.close();
  });
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
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

function resolveDialog() {
  const outcomes = choose(["solved", "refused", "withdrawn"].map((name) => [name, t(`outcome.${name}`)]));
  openDialog(t("act.resolve"), [field("outcome", outcomes), field("text", el("textarea", { maxlength: "4000" }))],
    (data) => speak("resolve", { outcome: data.get("outcome"), text: data.get("text") }));
}

function tierDialog() {
  const tiers = choose(["general", "major", "critical"].map((name) => [name, t(`tier.${name}`)]));
  openDialog(t("act.tier"), [field("tier", tiers), field("reason", el("input", { maxlength: "500" }))],
    (data) => act("tier", Object.fromEntries(data)));
}

function stageDialog() {
  const stages = choose(["investigating", "handling"].filter((name) => name !== view.ticket.stage).map((name) => [name, t(`stage.${name}`)]));
  openDialog(t("act.stage"), [field("stage", stages)], (data) => act("stage", Object.fromEntries(data)));
}

async function handoverDialog() {
  const { people } = await call("people");
  const others = choose(people.filter((one) => one.login !== view.ticket.owner.login).map((one) => [one.login, `${one.name} · ${one.role}${one.desk ? ` · ${one.desk}` : ""}`]));
  openDialog(t("act.handover"), [field("to", others), field("reason", el("input", { maxlength: "500" }))],
    (data) => act("handover", Object.fromEntries(data)));
}

async function helpDialog() {
  const { people } = await call("people");
  const others = choose(people.filter((one) => one.login !== view.ticket.owner.login).map((one) => [one.login, `${one.name} · ${one.role}${one.desk ? ` · ${one.desk}` : ""}`]));
  openDialog(t("act.help"), [field("helper", others)], (data) => act("help", Object.fromEntries(data)));
}

// --- notices ---------------------------------------------------------------------------------------------------------

async function loadNotices() {
  const { notices } = await call("notices");
  $("bell-count").textContent = String(notices.length);
  $("all-read").hidden = !notices.length;
  $("notice-list").replaceChildren(...(notices.length ? notices.map(drawNotice) : [el("p", { class: "empty" }, t("empty.notices"))]));
  // Each is announced once, the oldest first: what came together, or while the line was down, is all told.
  const fresh = view.lastNotice ? notices.filter((notice) => notice.at > view.lastNotice).reverse() : [];
  if (fresh.length) $("live").textContent = fresh.map(noticeText).join(". ");
  view.lastNotice = [view.lastNotice || "0", notices[0]?.at || "0"].sort().at(-1);
}

function drawNotice(notice) {
  return el("button", { type: "button", onclick: () => { toggleNotices(false); openTicket(notice.number); } }, `${noticeText(notice)} · ${moment(notice.at)}`);
}

function noticeText(notice) {
  const { clock, step: taken } = notice.details;
  return [notice.number, clock ? t(`clock.${clock}`) : t(`notice.${notice.kind}`), taken && t(`step.${taken}`)].filter(Boolean).join(" · ");
}

async function readAll() {
  await call("notices/read", {});
  loadNotices();
}

// What links a chat of one's own, to be sent to the shop's bot there.
async function telegramDialog() {
  const { send: line } = await call("me/telegram", {});
  const code = el("code", { tabindex: "0" }, line);
  const copy = async () => {
    await navigator.clipboard.writeText(line);
    return true;
  };
  openDialog(t("telegram.title"), [el("p", {}, t("telegram.how")), code], copy, t("act.copy"));
}

function toggleNotices(open) {
  $("notices").hidden = !open;
  $("bell").setAttribute("aria-expanded", String(open));
}

// --- live ------------------------------------------------------------------------------------------------------------

let socket = null;
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
  socket.onopen = () => { complain(""); if (view.number) send({ type: "viewing", number: view.number }); refresh(); };
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => { complain(t("offline")); setTimeout(connect, 1000 + Math.random() * 2000); };
}

function take(frame) {
  if (frame.type === "changed") refresh();
  if (frame.type === "presence" && frame.login === me) $("available").checked = frame.available;
  if (frame.type === "viewing" && frame.number === view.number) { view.viewers = frame.people; if (view.ticket) drawWarnings(); }
  if (frame.type === "answering" && frame.number === view.number) flash("answering", frame.name);
  if (frame.type === "typing") flash("typing", true);
}

function flash(name, value) {
  view[name] = value;
  clearTimeout(view[`${name}Ends`]);
  view[`${name}Ends`] = setTimeout(() => { view[name] = null; if (view.ticket) { drawLog(); drawWarnings(); } }, 4000);
  if (view.ticket) { drawLog(); drawWarnings(); }
}

let refreshing = null;
let again = false;
let retrying = null;

// One refresh at a time; hints that come meanwhile cause one more.
async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = Promise.all([loadLists(), refreshTicket(), loadNotices()]);
  clearTimeout(retrying);
  try { await refreshing; } catch (error) { complain(error.message); retrying = setTimeout(refresh, 2000); }
  refreshing = null;
  if (again) { again = false; refresh(); }
}

// --- start -----------------------------------------------------------------------------------------------------------

for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => { view.name = tab.dataset.view; drawLists(); });
}
$("search").addEventListener("input", () => loadLists());
$("all-read").addEventListener("click", readAll);
$("telegram")?.addEventListener("click", telegramDialog);
$("bell").addEventListener("click", () => toggleNotices($("notices").hidden));
$("available").addEventListener("change", (event) => call("presence", { available: event.target.checked }).catch((error) => complain(error.message)));
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const move = { j: 1, k: -1 }[event.key];
  if (!move || !view.entries.length) return;
  const at = view.entries.findIndex((entry) => entry.number === view.number);
  const next = view.entries[Math.min(view.entries.length - 1, Math.max(0, at + move))];
  if (next) openTicket(next.number);
});
setInterval(() => document.querySelectorAll(".due[data-due]").forEach(fillDue), 1000);
// A hint may be lost, with another process or a line that broke: nobody sees an old queue for longer than this.
setInterval(refresh, 10000);
// An open console means somebody is here, unless they say that they take a break.
setInterval(() => { if ($("available").checked) send({ type: "here" }); }, 30000);
$("log").append(el("p", { class: "empty" }, t("empty.talk")));
if (location.hash.startsWith("#SW-")) openTicket(location.hash.slice(1));
connect();
view.myName = (await call("me")).name;
