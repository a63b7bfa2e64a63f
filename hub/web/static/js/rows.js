// Rows of a form come and go without a jump of the page. The server draws them, as it does without scripts: the
// button's own request is sent from here, and the form in the answer takes the place of the one that was sent.

async function resize(form, button) {
  const sent = new FormData(form, button);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(sent),
    headers: { Accept: "text/html" },
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.getElementById(form.id);
  if (!drawn) throw new Error("the answer holds no such form");
  form.replaceChildren(...drawn.childNodes);
  // Where the last row of the list begins, writing goes on.
  const list = button.name === "_add" ? button.value : button.value.replace(/-\d+$/, "");
  const rows = document.getElementById(list)?.querySelectorAll(":scope > .row-item") ?? [];
  const first = rows[rows.length - 1]?.querySelector("input:not([type=hidden]), textarea, select");
  (first ?? document.getElementById(list))?.focus();
  form.dispatchEvent(new Event("resized", { bubbles: true }));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("form[id] button[name=_add], form[id] button[name=_remove]");
  if (!button || button.form.dataset.plain) return;
  event.preventDefault();
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await resize(button.form, button);
  } catch {
    // The line is broken or the answer odd: press the button again, the plain way.
    button.removeAttribute("aria-busy");
    button.form.dataset.plain = "yes";
    button.click();
  }
});
