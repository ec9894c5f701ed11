// The audit log: checking it whole, with how far that is; the list itself is the server's.
import { $, announce, complain, send, tell } from "./live.js";

const ASK_AGAIN = 700;
// The log is checked by one process; another that is asked how far it is knows the end only.
const PATIENCE = 10 * 60000;

function show({ done, total }) {
  $("running").hidden = false;
  $("check-now").disabled = true;
  const bar = $("progress");
  if (total) { bar.max = total; bar.value = done; } else bar.removeAttribute("value");
  const words = total ? $("check").dataset.checking.replace("{done}", done.toLocaleString(document.documentElement.lang)).replace("{total}", total.toLocaleString(document.documentElement.lang)) : $("check").dataset.begins;
  if ($("done").textContent !== words) $("done").textContent = words;
}

async function ask() {
  const answer = await fetch("/api/v1/audit/check");
  if (answer.status === 401) location.reload();
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

async function wait(before) {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      const told = await ask();
      complain("");
      if (told.failed || (told.last?.at ?? null) !== before || Date.now() > until) return;
      show(told.running ?? { done: 0, total: 0 });
    } catch (error) { complain(tell(error)); }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
  }
}

// What came of it is told by the server, in place of what it told before.
async function showResult() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  $("check").replaceWith(document.adoptNode(page.getElementById("check")));
  $("running").hidden = true;
  $("check-now").disabled = false;
  announce($("check").querySelector(".verdict").textContent);
}

async function follow(begin) {
  try {
    const before = (await ask()).last?.at ?? null;
    if (begin) await send("audit/check", {});
    show({ done: 0, total: 0 });
    await wait(before);
    await showResult();
  } catch (error) {
    complain(tell(error));
    $("running").hidden = true;
    $("check-now").disabled = false;
  }
}

$("check-now").addEventListener("click", () => follow(true));
if ($("check").dataset.running) follow(false);
