// Where one is: in the queue, a conversation or a case, and of which ticket. It stands in the browser's history, so its
// buttons go a step back or on, and a link to a ticket opens it.

// What the address says where nothing else is known: the ticket that it names, or the queue.
function readAddress() {
  const number = location.hash.startsWith("#SW-") ? location.hash.slice(1) : null;
  return { step: number ? "talk" : "queue", number, from: null };
}

export function here() {
  return history.state?.step ? history.state : readAddress();
}

// Go on to a step. `passing`: the step that one is at is not come back to.
export function goTo(step, number, { passing = false } = {}) {
  const now = here();
  if (now.step === step && now.number === number) return;
  const address = number ? `#${number}` : location.pathname + location.search;
  if (passing) history.replaceState({ ...now, step, number }, "", address);
  else history.pushState({ step, number, from: now.step }, "", address);
}

// Go back to a step by the page's own button: by the history, where that is the way one came.
export function goBack(step, number) {
  if (here().from === step) history.back();
  else {
    goTo(step, number, { passing: true });
    dispatchEvent(new PopStateEvent("popstate"));
  }
}

// `arrive({ step, number })` shows what one has gone to by the browser's own buttons, or by a link.
export function setUpSteps(arrive) {
  addEventListener("popstate", () => arrive(here()));
}
