// One thing that waits for a decision, as a line of the list: what is asked, why, since when and until when, whose word.

import { due, el, moment, money, pair, t, tier, word } from "./page.js";

const NAMED = 3;

// What is asked, in few words: "refund ¥129.00", "Hand over to Lin".
export function nameOf(line) {
  if (line.kind === "handover") return t("approvals.handover", { to: line.to.name });
  return [word(line.what), line.amount && money(line.amount)].filter(Boolean).join(" ");
}

// `acts` does what each button says with a line.
export function drawMatter(line, acts) {
  const { ticket } = line;
  return el("li", {
    class: `matter${line.is_mine ? " mine" : ""}`, tabindex: "-1", "data-key": line.id, "data-number": ticket.number,
  },
    el("div", { class: "top" }, el("strong", { class: "what" }, nameOf(line)), drawUntil(line)),
    el("p", { class: "whose" }, drawWhose(line), el("span", { class: "by" }, drawAsked(line))),
    ...drawWords(line), ...drawDetails(line),
    el("p", { class: "by" }, ticket.can_open ? el("a", { href: `/console#${ticket.number}`, "data-key": `open/${line.id}` }, ticket.number) : ticket.number,
      ` · ${t(`category.${ticket.category}`)} · ${pair(t("owner"), ticket.owner.name)} `, tier(ticket.tier)),
    line.may.length ? el("div", { class: "acts" }, ...line.may.map((name) => drawAct(name, line, acts))) : null);
}

function drawUntil(line) {
  return el("span", { class: "until" }, line.next_clock ? `${t(`clock.${line.next_clock}`)} ` : "", due(line.next_due_at),
    line.next_due_at ? el("span", { class: "by" }, ` ${t("clock.until", { at: moment(line.next_due_at) })}`) : null);
}

function drawWhose(line) {
  if (line.is_mine) return el("span", { class: "badge" }, `● ${t("approvals.mine")}`);
  if (!line.wanted.length) return el("span", {}, `⚠ ${t("approvals.nobody")}`);
  const names = line.wanted.slice(0, NAMED).map((one) => one.name).join(", ");
  const count = line.wanted.length - NAMED;
  return el("span", {}, `◌ ${count > 0 ? t("approvals.waits_for_more", { names, count }) : t("approvals.waits_for", { names })}`);
}

function drawAsked({ asked_by: by, since }) {
  const at = moment(since);
  return by ? t("approvals.asked", { name: by.name, at }) : t("approvals.by_bot", { at });
}

function drawWords(line) {
  const reason = line.reason ? el("p", {}, pair(line.asked_by.name, line.reason)) : null;
  const words = line.words ? el("blockquote", {}, pair(t("who.customer"), line.words)) : null;
  return [reason, words].filter(Boolean);
}

function drawDetails(line) {
  const details = Object.entries(line.details).filter(([name]) => name !== "amount");
  return [
    line.together ? el("p", {}, t("approvals.together", { amount: money(line.together) })) : null,
    details.length ? el("p", { class: "by" }, details.map(([name, value]) => pair(word(name), word(value))).join(" · ")) : null,
  ].filter(Boolean);
}

function drawAct(name, line, acts) {
  const isMain = !["decline", "refuse"].includes(name);
  const label = { confirm: "confirm.confirm", ask: "confirm.ask", agree: "act.agree" }[name] ?? "act.decline";
  const onclick = async ({ currentTarget }) => {
    currentTarget.disabled = isMain;
    await acts[name](line);
    currentTarget.disabled = false;
  };
  return el("button", { type: "button", class: isMain && line.is_mine ? "main" : null, "data-key": `${name}/${line.id}`, onclick }, t(label, { what: nameOf(line) }));
}
