// The case: whose it is, clocks, severity, what is prepared, the hand-off packet, the policy's answer, the order.

import { $, actor, button, due, el, isOver, language, moment, money, pair, redraw, rule, t, tier, view, word } from "./page.js";
import { drawPersonal } from "./personal.js";
import { insert, mayAnswer } from "./talk.js";

const CLOCKS = ["claim", "response", "next_response", "resolution", "feedback"];

// `confirm(command)` lets what is prepared run, `decline(command, what)` refuses it, `agree` and `refuse(handover, what)`
// answer a handover, `back()` goes back.
export function drawCase({ confirm, decline, agree, refuse, back }) {
  const { messages, events, clocks, ...rest } = view.ticket;
  const state = { ...rest, clocks: clocks.map(({ share, ...clock }) => [clock, clock.met_at || clock.paused ? share : null]) };
  redraw($("case"), state, () => [
    el("button", { class: "back", type: "button", "data-key": "back", onclick: back }, t("back")),
    el("h2", { class: "sr" }, t("case")), ...drawPeople(rest, agree, refuse), section("clocks"),
    ...[...clocks].sort((a, b) => CLOCKS.indexOf(a.kind) - CLOCKS.indexOf(b.kind)).map(drawClock),
    ...drawStages(rest.stages), section("severity"), el("p", {}, tier(rest.tier), ` ${rest.reasons.map(reason).join(" · ")}`),
    ...drawPrepared(rest, confirm, decline), ...drawPacket(rest), ...drawDecision(rest.decision), ...drawOrder(rest.order), ...drawSurveys(rest.surveys),
  ]);
}

function drawPeople(ticket, agree, refuse) {
  const names = (people) => people.map((one) => one.name).join(", ");
  const lines = [
    pair(t("owner"), ticket.owner.name), pair(t("filter.channel"), t(`channel.${ticket.channel}`)),
    ticket.contact && [pair(t("contact"), ""), drawPersonal("contact/email", ticket.contact, word("email"))],
    ticket.handlers.length && pair(t("handlers"), names(ticket.handlers)),
    ticket.helpers.length && pair(t("helpers"), names(ticket.helpers)),
  ];
  return [...lines.filter(Boolean).map((line) => el("p", {}, ...[line].flat())), ticket.handover ? drawHandover(ticket.handover, agree, refuse) : null].filter(Boolean);
}

// "loss:one_order" is a cell of the severity table, "changed:major" a person's decision, the rest are signals.
function reason(code) {
  return code.split(":").map((part) => word(part)).join(" × ");
}

function section(name) {
  return el("h3", {}, t(name));
}

function drawHandover(asked, agree, refuse) {
  const what = t("approvals.handover", { to: actor(asked.to) });
  return el("div", { class: "warning" }, t("handover", { ...asked, from: actor(asked.from), to: actor(asked.to) }),
    el("div", {}, button("agree", () => agree(asked.id), true), " ", button("decline", () => refuse(asked.id, what))));
}

// A complaint's stages: when each was reached, or until when it is promised.
function drawStages(stages) {
  if (!stages.length) return [];
  return [section("stages"), ...stages.map((one) => el("p", { class: !one.at && isOver(one.due_at) ? "late" : null },
    pair(t(`stage.${one.stage}`), ""), one.at ? `✓ ${moment(one.at)}` : due(one.due_at)))];
}

// A running clock fills while one looks; the others stand.
function drawClock(clock) {
  const name = `${t(`clock.${clock.kind}`)}${clock.cycle > 1 ? ` #${clock.cycle}` : ""}`;
  const runs = !clock.met_at && !clock.paused && !clock.dropped_at;
  const late = clock.breached_at || (clock.met_at && !clock.is_met);
  const stands = runs ? due(clock.due_at)
    : el("span", {}, clock.met_at ? `${clock.is_met ? "✓" : "⚠"} ${t(clock.is_met ? "clock.met" : "clock.late")}`
      : clock.dropped_at ? `→ ${t("clock.passed_on")}` : `‖ ${t("clock.paused")}`);
  return el("div", { class: `clock${late ? " late" : ""}`, ...(runs && { "data-start": clock.started_at, "data-due": clock.due_at }) },
    el("span", {}, name, runs ? el("span", { class: "until" }, t("clock.until", { at: moment(clock.due_at) })) : null), stands,
    el("span", { class: "track" }, bar(clock.share)));
}

function bar(share) {
  const made = el("span", { class: "fill" });
  made.style.width = `${Math.round(share * 100)}%`;
  return made;
}

// The hand-off packet: nothing in it has to be asked again. The server writes it in this page's language.
function drawPacket({ packet }) {
  const failed = packet.findings.includes("turn_failed") ? el("p", { class: "warning" }, `⚠ ${word("turn_failed")}`) : null;
  const mood = el("p", { class: "facts" }, el("span", { class: `mood ${packet.mood.level}` }, pair(t("packet.mood"), packet.mood.text)),
    ` ${[packet.mood.signs.join(" · "), packet.mood.came_often && t("packet.raised"), t("packet.often", packet.contacts)].filter(Boolean).join(" · ")}`);
  const words = packet.wants.words.map((said) => el("blockquote", {}, said));
  return [section("packet"), failed, el("p", {}, packet.summary), ...words, mood,
    ...part("known", packet.known.map((fact) => el("li", {}, el("span", { class: "source" }, fact.source_label), " ", ...drawFact(fact)))),
    ...part("tried", packet.tried.map((one) => el("li", {}, `${one.text} `, el("span", { class: "by" }, [moment(one.at), ...one.rules.map(rule), ...one.clauses].join(" · "))))),
    ...part("open", packet.open.map((question) => el("li", {}, `? ${question}`)), el("p", {}, `✓ ${t("packet.nothing_open")}`)),
  ].filter(Boolean);
}

function drawFact({ source, name, label, text }) {
  if (label === text) return [text];
  return [pair(label, ""), source === "customer" ? drawPersonal(`facts/${name}`, text, label) : text];
}

function part(name, items, none = null) {
  return items.length ? [el("h4", {}, t(`packet.${name}`)), el("ul", { class: "facts" }, ...items)] : [none];
}

function nameOf(order, sku) {
  return order?.items.find((item) => item.sku === sku)?.name[language] ?? sku;
}

// What the bot made ready and may not run by itself: one press lets exactly that run, once; or it is refused, and why.
function drawPrepared({ prepared, order, is_open: isOpen, access }, confirm, decline) {
  if (!prepared?.length) return [];
  return [section("prepared"), ...prepared.map((one) => {
    const what = [word(one.kind), one.amount && money(one.amount)].filter(Boolean).join(" ");
    const details = Object.entries(one.details).filter(([name]) => name !== "amount");
    const people = { asked_by: actor(one.asked_by), confirmed_by: actor(one.confirmed_by), declined_by: actor(one.declined_by) };
    const stands = t(`prepared.${one.state}`, { ...people, reason: one.declined_because || (one.reason && word(one.reason)) });
    const press = async (event) => {
      event.target.disabled = true;
      if (!await confirm(one.command)) event.target.disabled = false;
    };
    return el("div", { class: one.may ? "warning" : "" }, el("p", {}, `${what} · ${one.order_number} · ${stands}`),
      one.gone_back ? el("p", {}, t("prepared.gone_back", { amount: money(one.gone_back) })) : "",
      details.length ? el("ul", {}, ...details.map(([name, value]) => el("li", {}, ...(name === "sku" ? [nameOf(order, value)]
        : [pair(word(name), ""), drawPersonal(`prepared/${one.command}/${name}`, word(value), word(name))])))) : "",
      isOpen && access === "work" ? el("div", { class: "acts" },
        one.may ? el("button", { type: "button", class: "main", "data-key": `confirm/${one.command}`, onclick: press }, t(`confirm.${one.may}`, { what })) : "",
        one.may_decline ? el("button", { type: "button", "data-key": `decline/${one.command}`, onclick: () => decline(one.command, what) }, t("act.decline")) : "") : "");
  })];
}

function drawDecision(decision) {
  if (!decision) return [];
  const said = decision.explanation?.[view.ticket.language] || decision.explanation?.[language] || "";
  return [section("decision"), el("p", {}, said), el("p", { class: "by" }, (decision.rules || []).map(rule).join(" · ")),
    said && mayAnswer() && view.ticket.is_open ? el("p", {}, button("use", () => insert(said))) : null].filter(Boolean);
}

function drawOrder(order) {
  if (!order) return [];
  const findings = order.findings.length ? order.findings.map((finding) => el("li", {}, `⚠ ${word(finding.id)}`)) : [el("li", {}, `✓ ${t("order.fine")}`)];
  return [section("order"), el("p", {}, `${order.number} · ${money(order.amount)} · ${word(order.stage)}`),
    el("ul", {}, ...order.items.map((item) => el("li", {}, `${item.name[language] || Object.values(item.name)[0]} × ${item.quantity}`))),
    el("ul", { class: "check" }, ...findings),
    order.shipment ? el("p", { class: "by" }, `${order.shipment.carrier} ${order.shipment.tracking_number}`) : null].filter(Boolean);
}

function drawSurveys(surveys) {
  const answered = surveys.filter((survey) => survey.answered_at);
  if (!answered.length) return [];
  return [section("survey"), ...answered.map((survey) => el("p", {}, `${survey.outcome ?? "–"} / ${survey.service ?? "–"} / ${survey.process ?? "–"} ${survey.comment || ""}`))];
}
