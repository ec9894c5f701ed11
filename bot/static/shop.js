// The demo shop: "send to chat" puts an order's sentence into the widget's input.
for (const button of document.querySelectorAll("button[data-say]")) {
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("shouwen:say", { detail: button.dataset.say }));
  });
}
