// The FAQ's pages: try a question and see what it would be answered, as things stand and with what is being typed.
const csrf = document.querySelector("meta[name=csrf]").content;
const $ = (id) => document.getElementById(id);
const form = $("entry");
const WAIT = 250;

function complain(text) {
  $("line").hidden = !text;
  $("line").textContent = text;
  if (text) $("line").scrollIntoView({ block: "nearest" });
}

async function send(path, body, signal) {
  const answer = await fetch(`/api/v1/faq/${path}`, {
    method: "POST", body: JSON.stringify(body), signal,
    headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail || answer.statusText);
  return told;
}

function tell(error) {
  complain(error instanceof TypeError ? $("line").dataset.offline : error.message);
}

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// --- preview ---------------------------------------------------------------------------------------------------------

const words = $("found").dataset;
const { language } = $("try").dataset;
let waiting = null;
let asking = null;

function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function readEntry() {
  const entry = { id: form.elements.id.value.trim(), questions: {}, answers: {} };
  for (const area of form.querySelectorAll("textarea[name=questions]")) entry.questions[area.dataset.language] = lines(area.value);
  for (const area of form.querySelectorAll("textarea[name=answer]")) entry.answers[area.dataset.language] = area.value.trim();
  if (form.elements.category.value.trim()) entry.category = form.elements.category.value.trim();
  const buttons = [...form.querySelectorAll("input[name=buttons]:checked")].map((box) => box.value);
  if (buttons.length) entry.buttons = buttons;
  return entry;
}

function isWhole() {
  return [...form.querySelectorAll("textarea")].every((area) => area.value.trim()) && form.elements.id.value.trim();
}

function isEdited() {
  return [...form.querySelectorAll("input:not([type=checkbox]), textarea")].some((field) => field.value !== field.defaultValue)
    || [...form.querySelectorAll("input[type=checkbox]")].some((box) => box.checked !== box.defaultChecked);
}

function sayFrom(finding) {
  return words.from.replace("{least}", finding.answer_from.toFixed(2)).replace("{ahead}", finding.ahead.toFixed(2));
}

function draw(finding, title) {
  const card = make("article", "", `finding ${finding.answered}`);
  card.append(make("h3", title), make("p", words[finding.answered], "outcome"));
  if (finding.answers) card.append(make("p", finding.answers[language], "says"));
  const list = make("ol");
  for (const match of finding.matches) {
    const item = make("li", "", "match");
    const name = match.titles[language];
    const meter = make("meter");
    Object.assign(meter, { min: 0, max: 1, value: Math.max(0, match.score) });
    meter.setAttribute("aria-label", `${words.score} ${name}`);
    item.append(make("span", name), make("span", match.score.toFixed(2)), meter, make("span", `${words.nearest} ${match.variant}`, "by"));
    list.append(item);
  }
  if (finding.matches.length) card.append(list, make("p", sayFrom(finding), "hint"));
  return card;
}

async function look() {
  const question = $("try").value.trim();
  asking?.abort();
  if (!question) { $("found").replaceChildren(); return; }
  asking = new AbortController();
  const edited = form && isEdited();
  const body = { question };
  if (edited && isWhole()) body.entry = readEntry();
  try {
    const told = await send("preview", body, asking.signal);
    const cards = [draw(told.now, words.now)];
    if (told.edited) cards.push(draw(told.edited, words.edited));
    else if (edited) cards.push(make("p", words.incomplete, "hint"));
    $("found").replaceChildren(...cards);
    complain("");
  } catch (error) {
    if (error.name !== "AbortError") tell(error);
  }
}

function lookSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, WAIT);
}

$("try").addEventListener("input", lookSoon);
if ($("try").value) look();

// --- editing ---------------------------------------------------------------------------------------------------------

let leaving = false;

async function change(path, body) {
  try {
    const told = await send(path, body);
    leaving = true;
    sessionStorage.setItem("faq-told", $("live").dataset.saved);
    location.assign(`/console/faq/entries/${encodeURIComponent(told.id)}`);
  } catch (error) { tell(error); }
}

function isSure(text) {
  const dialog = $("sure");
  $("sure-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

if (form) {
  const version = Number(form.dataset.version);
  form.addEventListener("input", lookSoon);
  form.addEventListener("submit", (event) => { event.preventDefault(); change("entries", { version, entry: readEntry() }); });
  for (const act of ["remove", "revert"]) {
    $(act)?.addEventListener("click", async (event) => {
      if (await isSure(event.currentTarget.dataset.sure)) change(`entries/${encodeURIComponent(form.dataset.id)}/${act}`, { version });
    });
  }
  addEventListener("beforeunload", (event) => { if (!leaving && isEdited()) event.preventDefault(); });
}

const told = sessionStorage.getItem("faq-told");
if (told) { sessionStorage.removeItem("faq-told"); $("live").classList.remove("sr"); $("live").classList.add("saved"); $("live").textContent = told; }

// --- questions that nothing answered ---------------------------------------------------------------------------------

for (const button of document.querySelectorAll("button[data-ignore]")) {
  button.addEventListener("click", async () => {
    const item = button.closest("li");
    try {
      await send("questions/ignore", { ids: item.dataset.ids.split(" "), ignored: button.dataset.ignore === "true" });
    } catch (error) { tell(error); return; }
    const next = item.nextElementSibling ?? item.previousElementSibling;
    // With the last one gone the page says what it says of none.
    if (!next) { location.reload(); return; }
    item.remove();
    next.querySelector("button")?.focus();
    $("asked-head").textContent = $("asked-head").textContent.replace(/\d+/, (count) => count - 1);
    $("live").textContent = button.dataset.done;
  });
}
