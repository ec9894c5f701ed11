// The chat widget: one script tag, a shadow root, nothing of the host page touched.
//
//   <script src="https://shop.example/widget.js" data-locale="zh-Hant" data-identity="JWT" async></script>
//
// Speaks the frames of /ws/chat. What the visitor writes is kept (localStorage) until the server has accepted it, so
// that neither a reconnect nor a reload loses or doubles a message. Texts are inserted as text, never as HTML.

(() => {
  "use strict";

  const script = document.currentScript;
  const BASE = new URL(script.src).origin;
  const LANGUAGES = { "zh-Hans": "简体", "zh-Hant": "繁體", en: "English" };
  const STORE = "shouwen";
  const MAX_BACK_OFF_MS = 15000;

  const STYLE = `
    :host { all: initial; --ink:#1c2430; --soft:#566071; --paper:#fff; --ground:#f4f5f7; --line:#d9dde3;
      --brand:#0b5c4d; --on-brand:#fff; --mine:#e0f1ec; --warn:#8a2b06;
      font: 15px/1.5 system-ui, "PingFang TC", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
    @media (prefers-color-scheme: dark) { :host { --ink:#e8ebef; --soft:#a9b2bf; --paper:#1b2027; --ground:#12161b;
      --line:#39424e; --brand:#2f9c86; --on-brand:#06120f; --mine:#17403a; --warn:#ffb38a; } }
    * { box-sizing: border-box; }
    button { font: inherit; color: inherit; cursor: pointer; border: 0; background: none; }
    :focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
    .launch { position: fixed; right: 20px; bottom: 20px; width: 60px; height: 60px; border-radius: 50%; z-index: 2147483000;
      background: var(--brand); color: var(--on-brand); box-shadow: 0 4px 16px #0005; display: grid; place-items: center; }
    .launch svg { width: 28px; height: 28px; }
    .count { position: absolute; top: -4px; right: -4px; min-width: 24px; padding: 0 6px; border-radius: 12px;
      background: #b3261e; color: #fff; font-size: 14px; }
    .panel { position: fixed; right: 20px; bottom: 20px; width: 380px; height: min(600px, calc(100dvh - 40px));
      z-index: 2147483001; display: flex; flex-direction: column; border-radius: 16px; overflow: hidden;
      color: var(--ink); background: var(--paper); box-shadow: 0 12px 48px #0006; border: 1px solid var(--line); }
    [hidden] { display: none !important; }
    .head { background: var(--brand); color: var(--on-brand); padding: 12px 14px; }
    .row { display: flex; align-items: center; gap: 8px; }
    .who { font-weight: 600; flex: 1; overflow-wrap: anywhere; }
    .head select { font: inherit; font-size: 13px; background: transparent; color: inherit; border: 1px solid currentColor;
      border-radius: 6px; padding: 2px 4px; }
    .head select option { color: #1c2430; background: #fff; }
    .x { width: 32px; height: 32px; border-radius: 8px; font-size: 20px; line-height: 1; }
    .case { margin: 8px 0 0; font-size: 13px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
    .log { flex: 1; overflow-y: auto; padding: 14px; background: var(--ground); display: flex; flex-direction: column;
      gap: 10px; overscroll-behavior: contain; }
    .note { color: var(--soft); font-size: 13px; text-align: center; margin: 0; }
    .bubble { max-width: 86%; padding: 9px 12px; border-radius: 14px; background: var(--paper); border: 1px solid var(--line);
      align-self: flex-start; white-space: pre-wrap; overflow-wrap: anywhere; }
    .bubble.mine { align-self: flex-end; background: var(--mine); border-color: transparent; }
    .bubble img { display: block; max-width: 100%; border-radius: 8px; margin-top: 6px; }
    .meta { display: block; font-size: 12px; color: var(--soft); margin-top: 2px; }
    .failed .meta { color: var(--warn); }
    .again { text-decoration: underline; padding: 4px 0; font-size: 13px; }
    .choices { display: flex; flex-wrap: wrap; gap: 8px; }
    .choices button { border: 1.5px solid var(--brand); color: var(--ink); background: var(--paper); border-radius: 18px;
      padding: 6px 14px; min-height: 36px; text-align: left; }
    .choices button:hover { background: var(--mine); }
    .survey { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 12px; display: grid; gap: 10px; }
    .survey fieldset { border: 0; margin: 0; padding: 0; display: flex; gap: 2px; justify-content: space-between; }
    .survey legend { font-weight: 600; padding: 0; }
    .survey label { display: grid; justify-items: center; font-size: 12px; cursor: pointer; flex: 1; padding: 4px 0; border-radius: 8px; text-align: center; }
    .survey label:has(:checked) { background: var(--mine); }
    .survey input { margin: 0 0 2px; }
    .survey svg { width: 26px; height: 26px; }
    .survey textarea { height: auto; }
    .typing { align-self: flex-start; display: flex; gap: 5px; margin: 0; padding: 10px 12px; }
    .typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--soft); }
    form { display: flex; gap: 8px; align-items: flex-end; padding: 10px; border-top: 1px solid var(--line); }
    textarea { flex: 1; resize: none; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft);
      border-radius: 10px; padding: 8px 10px; height: 42px; max-height: 120px; }
    .icon { width: 42px; height: 42px; border-radius: 10px; display: grid; place-items: center; border: 1px solid var(--line); }
    .send { background: var(--brand); color: var(--on-brand); border-radius: 10px; height: 42px; padding: 0 16px; font-weight: 600; }
    .bar { margin: 0; padding: 4px 14px; font-size: 13px; color: var(--warn); background: var(--paper); }
    .dropping .log { outline: 3px dashed var(--brand); outline-offset: -8px; }
    .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media (max-width: 480px) { .panel { inset: 0; width: 100%; height: 100dvh; border-radius: 0; border: 0; }
      .x { width: 44px; height: 44px; } .head select, .choices button, .again { min-height: 44px; }
      /* Smaller, and a phone zooms in on what is written. */
      textarea, .head select { font-size: 16px; } }
    @media (prefers-reduced-motion: no-preference) { .bubble.new { animation: in .18s ease-out; } }
    @media (prefers-reduced-motion: no-preference) { .typing i { animation: dot 1s infinite alternate; }
      .typing i:nth-of-type(2) { animation-delay: .2s; } .typing i:nth-of-type(3) { animation-delay: .4s; } }
    @keyframes dot { from { opacity: .25; } to { opacity: 1; } }
    @keyframes in { from { opacity: 0; transform: translateY(6px); } }
  `;

  // --- small helpers -----------------------------------------------------------------------------------------------

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  function asLanguage(tag) {
    const parts = (tag || "").toLowerCase().replaceAll("_", "-").split("-");
    if (parts[0] === "en") return "en";
    if (parts[0] !== "zh") return null;
    return parts.some((part) => ["hant", "tw", "hk", "mo"].includes(part)) ? "zh-Hant" : "zh-Hans";
  }

  // A page that is not served safely (a shop's test machine, say) has no `crypto.randomUUID`.
  function makeId() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // An item is drawn once and stays while its key does: nobody loses what they read, select or fill in by what is added.
  // What has gone is taken out first: nothing that stays is moved for it, and loses the focus by that.
  function reconcile(node, items) {
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
  }

  const store = {
    // A browser may forbid storage: then the visit lasts as long as the page.
    memory: {},
    read() {
      try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return this.memory; }
    },
    write(changes) {
      this.memory = { ...this.read(), ...changes };
      try { localStorage.setItem(STORE, JSON.stringify(this.memory)); } catch { /* kept in memory */ }
    },
  };

  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("width", "22");
    svg.setAttribute("aria-hidden", "true");
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawn.setAttribute("d", path);
    drawn.setAttribute("fill", "none");
    drawn.setAttribute("stroke", "currentColor");
    drawn.setAttribute("stroke-width", "2");
    drawn.setAttribute("stroke-linejoin", "round");
    svg.append(drawn);
    return svg;
  }

  // A face that smiles more the more stars it stands for; drawn, because not every system has the characters.
  function face(stars) {
    const bend = 15.5 + (stars - 3) * 2.2;
    const svg = icon(`M12 2.5a9.5 9.5 0 1 0 .01 0 M8.6 9v1.2 M15.4 9v1.2 M7.5 15.5Q12 ${bend + (stars - 3)} 16.5 15.5`);
    svg.firstChild.setAttribute("stroke-width", "1.6");
    svg.firstChild.setAttribute("stroke-linecap", "round");
    return svg;
  }

  // --- the connection ----------------------------------------------------------------------------------------------

  class Connection {
    constructor(onFrame, onState) {
      this.onFrame = onFrame;
      this.onState = onState;
      this.failures = 0;
      this.ready = false;
    }

    open(hello) {
      this.hello = hello;
      this.socket = new WebSocket(`${BASE.replace(/^http/, "ws")}/ws/chat`);
      this.socket.onopen = () => this.socket.send(JSON.stringify({ type: "hello", ...this.hello() }));
      this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
      this.socket.onclose = () => this.retry();
    }

    take(frame) {
      if (frame.type === "welcome") {
        this.ready = true;
        this.failures = 0;
        this.onState(true);
      }
      this.onFrame(frame);
    }

    retry() {
      this.ready = false;
      this.onState(false);
      const wait = Math.min(MAX_BACK_OFF_MS, 500 * 2 ** this.failures) * (0.7 + Math.random() * 0.6);
      this.failures += 1;
      setTimeout(() => this.open(this.hello), wait);
    }

    send(frame) {
      if (this.ready) this.socket.send(JSON.stringify(frame));
    }
  }

  // --- the widget --------------------------------------------------------------------------------------------------

  class ShouwenChat extends HTMLElement {
    constructor() {
      super();
      this.root = this.attachShadow({ mode: "open" });
      const kept = store.read();
      this.language = asLanguage(kept.language) || asLanguage(script.dataset.locale)
        || asLanguage(document.documentElement.lang) || asLanguage(navigator.language) || "zh-Hans";
      this.session = kept.session || null;
      this.pending = kept.pending || [];
      this.messages = new Map();
      this.state = { with: "bot", name: null, position: null, ticket: null };
      this.readSeq = kept.read || 0;
      this.rated = new Set(kept.rated || []);
      this.ratings = {};
      this.isOpen = false;
      this.lastTyped = 0;
    }

    async connectedCallback() {
      await this.loadTexts();
      this.draw();
      this.connection = new Connection((frame) => this.take(frame), (online) => this.showOnline(online));
      this.connection.open(() => ({
        session: this.session, last_seq: this.lastSeq(), locale: this.language, identity: script.dataset.identity || null,
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || null,
      }));
      document.addEventListener("shouwen:say", (event) => this.sayFor(event.detail));
      document.addEventListener("visibilitychange", () => this.tellRead());
      if (script.dataset.open !== undefined) this.open();
    }

    async loadTexts() {
      const { language } = this;
      const answer = await fetch(`${BASE}/widget/texts/${language}.json`);
      const texts = await answer.json();
      // Somebody chose again meanwhile: the texts of the last choice hold.
      if (language === this.language) this.texts = texts;
    }

    t(key, params = {}) {
      return (this.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
    }

    lastSeq() {
      return Math.max(0, ...this.messages.keys());
    }

    // --- frames ----------------------------------------------------------------------------------------------------

    take(frame) {
      switch (frame.type) {
        case "welcome": return this.welcome(frame);
        case "accepted": return this.accepted(frame);
        case "message": return this.receive(frame);
        case "typing": return this.showTyping(frame.from);
        case "state": this.state = frame; return this.drawHeader();
        case "error": return this.fail(frame);
      }
    }

    welcome(frame) {
      if (this.session !== frame.session) {
        this.session = frame.session;
        this.messages.clear();
        this.readSeq = 0;
        this.toldSeq = null;
        store.write({ session: frame.session, read: 0 });
      }
      // What was said before this page was opened is there to be read, and is not read out.
      this.toldSeq ??= frame.seq;
      for (const frame of this.pending) if (!frame.failed) this.connection.send(frame);
      // It may have been said while the line was down.
      if (this.readSeq) this.connection.send({ type: "read", seq: this.readSeq });
    }

    accepted({ id }) {
      const sent = this.pending.find((frame) => frame.id === id);
      if (sent?.type === "survey") this.keepRated(sent);
      this.drawLog();
    }

    receive(message) {
      const isNew = !this.messages.has(message.seq);
      this.messages.set(message.seq, message);
      if (message.id) this.forget(message.id);
      this.hideTyping();
      this.drawLog(isNew ? message.seq : null);
      if (!isNew || message.from === "customer") return;
      if (message.seq > this.toldSeq) this.announce(message);
      if (this.isOpen) this.tellRead();
      this.countUnread();
    }

    fail(frame) {
      const known = `error.${frame.code}`;
      const message = this.texts[known] ? this.t(known) : frame.message;
      const failed = this.pending.find((pending) => pending.id === frame.id);
      // Rated before, from another window say, or too late: no other answer will come.
      const isOver = ["survey_answered", "survey_expired"].includes(frame.code);
      if (failed && isOver) this.keepRated(failed);
      else if (failed) failed.failed = message;
      if (!failed || isOver) this.showBar(message);
      this.keepPending();
      this.drawLog();
    }

    // --- sending ---------------------------------------------------------------------------------------------------

    sendFrame(frame) {
      this.pending.push(frame);
      this.keepPending();
      this.connection.send(frame);
      this.drawLog();
    }

    sendText(text, attachments = []) {
      if (!text.trim() && !attachments.length) return;
      this.sendFrame({ type: "message", id: makeId(), text, attachments });
    }

    choose(message, choice) {
      this.sendFrame({ type: "choice", id: makeId(), reply_to: message.seq, value: choice.value, label: choice.label });
      this.input.focus();
    }

    forget(id) {
      this.pending = this.pending.filter((frame) => frame.id !== id);
      this.keepPending();
    }

    keepPending() {
      store.write({ pending: this.pending.filter((frame) => !frame.failed) });
    }

    async sendPhotos(files) {
      for (const file of files) {
        this.showBar(this.t("photo.sending"));
        const form = new FormData();
        form.append("file", file);
        try {
          const answer = await fetch(`${BASE}/api/v1/attachments`, { method: "POST", body: form, headers: this.authorization() });
          if (!answer.ok) throw new Error(String(answer.status));
          this.sendText("", [(await answer.json()).id]);
          this.showBar("");
        } catch {
          this.showBar(this.t("photo.failed"));
        }
      }
    }

    authorization() {
      return { Authorization: `Bearer ${this.session}` };
    }

    sayFor(text) {
      this.open();
      this.input.value = text;
      this.fitInput();
      this.input.focus();
    }

    // --- drawing ---------------------------------------------------------------------------------------------------

    draw() {
      this.root.replaceChildren(element("style", {}, STYLE), this.drawLaunch(), this.drawPanel());
      this.drawHeader();
      this.drawLog();
      this.showOpen();
    }

    drawLaunch() {
      this.count = element("span", { class: "count", hidden: true });
      this.launch = element("button", { class: "launch", type: "button", "aria-label": this.t("open"), onclick: () => this.open() },
        icon("M4 5h16v11H9l-5 4z"), this.count);
      return this.launch;
    }

    drawPanel() {
      this.who = element("span", { class: "who", id: "who" });
      this.caseLine = element("p", { class: "case", hidden: true });
      this.languages = element("select", { "aria-label": this.t("language"), onchange: (event) => this.switchLanguage(event.target.value) });
      for (const [code, name] of Object.entries(LANGUAGES)) {
        this.languages.append(element("option", { value: code, lang: code, selected: code === this.language }, name));
      }
      const close = element("button", { class: "x", type: "button", "aria-label": this.t("close"), onclick: () => this.close() }, "×");
      this.log = element("div", {
        class: "log", role: "log", tabindex: "0", "aria-live": "off", "aria-label": this.t("log"),
        onscroll: () => { this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; },
      });
      this.atEnd = true;
      new ResizeObserver(() => this.stayAtEnd()).observe(this.log);
      this.bar = element("p", { class: "bar", role: "status", hidden: true });
      this.live = element("div", { class: "sr", "aria-live": "polite" });
      this.panel = element("section", {
        class: "panel", role: "dialog", "aria-labelledby": "who", lang: this.language, hidden: true,
        onkeydown: (event) => { if (event.key === "Escape") this.close(); },
        ondragover: (event) => { event.preventDefault(); this.panel.classList.add("dropping"); },
        ondragleave: () => this.panel.classList.remove("dropping"),
        ondrop: (event) => { event.preventDefault(); this.panel.classList.remove("dropping"); this.sendPhotos(event.dataTransfer.files); },
      }, element("div", { class: "head" }, element("div", { class: "row" }, this.who, this.languages, close), this.caseLine),
        this.log, this.bar, this.drawForm(), this.live);
      return this.panel;
    }

    drawForm() {
      const draft = this.input ? this.input.value : "";
      this.input = element("textarea", {
        rows: "1", "aria-label": this.t("input"), placeholder: this.t("input"), maxlength: "4000",
        onkeydown: (event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
        },
        oninput: () => { this.fitInput(); this.tellTyping(); },
        onpaste: (event) => { if (event.clipboardData.files.length) { event.preventDefault(); this.sendPhotos(event.clipboardData.files); } },
      });
      this.input.value = draft;
      const file = element("input", {
        type: "file", accept: "image/*", multiple: true, hidden: true,
        onchange: (event) => { this.sendPhotos([...event.target.files]); event.target.value = ""; },
      });
      const pick = element("button", { class: "icon", type: "button", "aria-label": this.t("photo"), onclick: () => file.click() },
        icon("M4 7h4l2-3h4l2 3h4v12H4z M12 9.5a3.5 3.5 0 1 0 .01 0"));
      return element("form", { onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        file, pick, this.input, element("button", { class: "send", type: "submit" }, this.t("send")));
    }

    drawHeader() {
      const { name, position, ticket } = this.state;
      const state = this.state.with === "queue" && !position ? "queue.next" : this.state.with;
      this.who.textContent = this.t(`with.${state}`, { name: name || this.t("agent"), position });
      this.caseLine.hidden = !ticket;
      if (ticket) this.caseLine.textContent = this.t("ticket", ticket);
    }

    drawLog(newest = null) {
      if (!this.log) return;
      const atEnd = this.atEnd || newest;
      const messages = [...this.messages.values()].sort((a, b) => a.seq - b.seq);
      const survey = messages.findLast((message) => message.survey)?.survey;
      const last = messages.at(-1);
      const items = [{ key: "privacy", make: () => element("p", { class: "note" }, this.t("privacy")) }];
      if (!messages.length && !this.pending.length) items.push({ key: "hello", make: () => element("div", { class: "bubble" }, this.t("hello")) });
      for (const message of messages) items.push({ key: JSON.stringify(message), make: () => this.drawBubble(message, message.seq === newest) });
      for (const frame of this.pending) items.push({ key: JSON.stringify([frame, this.connection?.ready]), make: () => this.drawPending(frame) });
      if (survey && this.isToRate(survey)) items.push({ key: `survey/${survey.id}`, make: () => this.drawSurvey(survey) });
      if (last?.choices?.length && !this.pending.length) items.push({ key: `choices/${last.seq}`, make: () => this.drawChoices(last) });
      if (this.typing) items.push({ key: "typing", make: () => this.typing });
      reconcile(this.log, items);
      this.atEnd = atEnd;
      this.stayAtEnd();
    }

    // A reader at the end stays there, also when the ticket line appears or a phone's keyboard opens.
    stayAtEnd() {
      if (this.atEnd) this.log.scrollTop = this.log.scrollHeight;
    }

    drawBubble(message, isNew) {
      const mine = message.from === "customer";
      const bubble = element("div", { class: `bubble${mine ? " mine" : ""}${isNew ? " new" : ""}` });
      bubble.append(element("span", { class: "sr" }, `${mine ? this.t("you") : message.name || this.t("bot")}: `), message.text);
      for (const photo of message.attachments || []) bubble.append(this.drawPhoto(photo));
      bubble.append(element("time", { class: "meta", datetime: message.at }, this.when(message.at)));
      return bubble;
    }

    drawPending(frame) {
      const bubble = element("div", { class: `bubble mine${frame.failed ? " failed" : ""}` }, frame.label || frame.text || "📷");
      if (frame.failed) bubble.append(element("span", { class: "meta" }, this.t("error", { message: frame.failed })), this.drawResend(frame));
      else if (!this.connection?.ready) bubble.append(element("span", { class: "meta" }, this.t("offline")));
      return bubble;
    }

    drawResend(frame) {
      const resend = () => {
        frame.failed = null;
        this.keepPending();
        this.connection.send(frame);
        this.drawLog();
      };
      return element("button", { class: "again", type: "button", onclick: resend }, this.t("resend"));
    }

    drawChoices(message) {
      const buttons = message.choices.map((choice) =>
        element("button", { type: "button", onclick: () => this.choose(message, choice) }, choice.label));
      return element("div", { class: "choices" }, ...buttons);
    }

    // Three rows of five faces with words, a comment, one button (三滿意).
    drawSurvey(survey) {
      const rows = ["outcome", "service", "process"].map((name) => this.drawRating(name));
      const comment = element("textarea", { rows: "2", maxlength: "2000", "aria-label": this.t("survey.comment"), placeholder: this.t("survey.comment"),
        oninput: () => { this.ratings.comment = comment.value; } });
      comment.value = this.ratings.comment || "";
      const rate = element("button", { class: "send", type: "button", onclick: () => this.sendSurvey(survey) }, this.t("survey.send"));
      return element("section", { class: "survey", "aria-label": this.t("survey.title") }, ...rows, comment, rate);
    }

    drawRating(name) {
      return element("fieldset", {}, element("legend", {}, this.t(`survey.${name}`)), ...[1, 2, 3, 4, 5].map((stars) => {
        const radio = element("input", { type: "radio", name, value: String(stars), checked: this.ratings[name] === stars,
          onchange: () => { this.ratings[name] = stars; } });
        return element("label", { title: this.t(`survey.${stars}`) }, radio, face(stars),
          element("span", { class: "word" }, this.t(`survey.${stars}`)));
      }));
    }

    sendSurvey(survey) {
      const { outcome = null, service = null, process = null, comment = "" } = this.ratings;
      if (outcome === null && service === null && process === null) return this.showBar(this.t("survey.pick"));
      const label = `${this.t("survey.title")} ${[outcome, service, process].map((stars) => stars ?? "–").join(" / ")}`;
      this.ratings = {};
      this.showBar("");
      this.sendFrame({ type: "survey", id: makeId(), survey: survey.id, outcome, service, process, comment, label });
      this.input.focus();
    }

    // Like a message, a rating waits for its turn until the server has it.
    keepRated(frame) {
      this.rated.add(frame.survey);
      store.write({ rated: [...this.rated] });
      this.forget(frame.id);
    }

    isToRate(survey) {
      return !this.rated.has(survey.id) && !this.pending.some((frame) => frame.survey === survey.id);
    }

    drawPhoto(photo) {
      const image = element("img", { alt: this.t("photo.alt"), width: photo.width, height: photo.height, style: "height:auto" });
      this.photos ||= new Map();
      if (!this.photos.has(photo.id)) this.photos.set(photo.id, this.loadPhoto(photo.id));
      this.photos.get(photo.id).then((address) => { image.src = address; }, () => this.photos.delete(photo.id));
      return image;
    }

    async loadPhoto(id) {
      const answer = await fetch(`${BASE}/api/v1/attachments/${id}`, { headers: this.authorization() });
      if (!answer.ok) throw new Error(String(answer.status));
      return URL.createObjectURL(await answer.blob());
    }

    // A time of today; of another day the day too. English is read all over the world, so the day comes first.
    when(at) {
      const said = new Date(at);
      const day = said.toDateString() === new Date().toDateString() ? {} : { month: "long", day: "numeric" };
      const locale = this.language === "en" ? "en-GB" : this.language;
      return said.toLocaleString(locale, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    }

    // --- what changes on the way -----------------------------------------------------------------------------------

    submit() {
      const text = this.input.value;
      this.input.value = "";
      this.fitInput();
      this.sendText(text);
    }

    // As high as what is written, up to its greatest height.
    fitInput() {
      this.input.style.height = "";
      if (this.input.scrollHeight > this.input.clientHeight) this.input.style.height = `${this.input.scrollHeight + 2}px`;
    }

    tellTyping() {
      if (Date.now() - this.lastTyped < 2000) return;
      this.lastTyped = Date.now();
      this.connection.send({ type: "typing" });
    }

    showTyping(from) {
      if (from === "customer") return;
      this.typing ||= element("p", { class: "typing" }, element("span", { class: "sr" }, this.t("typing")),
        ...[1, 2, 3].map(() => element("i", { "aria-hidden": "true" })));
      clearTimeout(this.typingEnds);
      this.typingEnds = setTimeout(() => this.hideTyping(true), 4000);
      this.drawLog();
    }

    hideTyping(redraw = false) {
      this.typing = null;
      if (redraw) this.drawLog();
    }

    showOnline(online) {
      this.showBar(online ? "" : this.t("connecting"));
      this.drawLog();
    }

    showBar(text) {
      if (!this.bar) return;
      this.bar.hidden = !text;
      this.bar.textContent = text;
    }

    // Bubbles that come together are all read out.
    announce(message) {
      this.live.append(element("p", {}, `${message.name || this.t("bot")}: ${message.text}`));
      while (this.live.childElementCount > 5) this.live.firstElementChild.remove();
    }

    // What was seen here need not be mailed. A window in the background shows nothing to anybody.
    tellRead() {
      if (!this.isOpen || document.visibilityState !== "visible" || this.lastSeq() <= this.readSeq) return;
      this.readSeq = this.lastSeq();
      store.write({ read: this.readSeq });
      this.connection.send({ type: "read", seq: this.readSeq });
      this.countUnread();
    }

    countUnread() {
      const count = [...this.messages.values()].filter((message) => message.seq > this.readSeq && message.from !== "customer").length;
      this.count.hidden = count === 0;
      this.count.textContent = count > 99 ? "99+" : String(count);
      this.launch.setAttribute("aria-label", count ? `${this.t("open")} (${this.t("unread", { count })})` : this.t("open"));
    }

    async switchLanguage(language) {
      this.language = language;
      try {
        await this.loadTexts();
      } catch {
        if (language !== this.language) return;
        this.language = this.languages.value = this.panel.lang;
        return this.showBar(this.t("connecting"));
      }
      if (language !== this.language) return;
      store.write({ language });
      this.draw();
      this.countUnread();
      this.languages.focus();
      this.connection.socket.close();
    }

    open() {
      this.isOpen = true;
      this.tellRead();
      this.showOpen();
      this.input.focus();
      this.log.scrollTop = this.log.scrollHeight;
    }

    close() {
      this.isOpen = false;
      this.showOpen();
      this.launch.focus();
    }

    showOpen() {
      this.panel.hidden = !this.isOpen;
      this.launch.hidden = this.isOpen;
    }
  }

  customElements.define("shouwen-chat", ShouwenChat);
  const place = () => document.body.append(document.createElement("shouwen-chat"));
  if (document.body) place(); else addEventListener("DOMContentLoaded", place);
})();
