// Following up a survey without leaving the page.
const csrf = document.querySelector("meta[name=csrf]").content;

for (const form of document.querySelectorAll("form.follow")) {
  const fault = Object.assign(document.createElement("span"), { className: "fault", hidden: true });
  fault.setAttribute("role", "alert");
  form.append(fault);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await followUp(form);
      location.reload();
    } catch (error) {
      fault.textContent = error instanceof TypeError ? document.querySelector("main").dataset.offline : error.message;
      fault.hidden = false;
    }
  });
}

async function followUp(form) {
  const answer = await fetch(`/api/v1/surveys/${form.dataset.survey}/follow-up`, {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
    body: JSON.stringify(Object.fromEntries([...new FormData(form)].filter(([, value]) => value))),
  });
  if (!answer.ok) throw new Error((await answer.json()).detail);
}

// Only what narrows the view stands in the address.
const filters = document.getElementById("filters");
filters.addEventListener("submit", () => {
  for (const control of filters.querySelectorAll("input, select")) control.disabled = !control.value;
});
// Coming back to a page that was left this way finds every control usable again.
addEventListener("pageshow", () => { for (const control of filters.elements) control.disabled = false; });
