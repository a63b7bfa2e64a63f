// Let a device make a passkey, or show one: ask the server for a challenge, hand it to the device, and send the form
// with what the device answered. Every sentence stands in the page; without scripts the page says what to use instead.

function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function described(list = []) {
  return list.map((one) => ({ ...one, id: bytesOf(one.id) }));
}

async function ask(form) {
  const csrf = form.querySelector("[name=_csrf]")?.value;
  const answer = await fetch(form.dataset.options, { method: "POST", headers: csrf ? { "X-CSRF-Token": csrf } : {} });
  if (!answer.ok || answer.redirected) throw new Error(`the server answered ${answer.status}`);
  const options = await answer.json();
  options.challenge = bytesOf(options.challenge);
  options.allowCredentials = described(options.allowCredentials);
  options.excludeCredentials = described(options.excludeCredentials);
  if (options.user) options.user.id = bytesOf(options.user.id);
  return options;
}

// PublicKeyCredential.toJSON() would do, but browsers of 2024 do not have it.
function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  response.transports = credential.response.getTransports?.() ?? [];
  return JSON.stringify({ id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response });
}

function say(form, name) {
  const lines = [...form.querySelectorAll("[data-passkey-said]")];
  const said = lines.find((line) => line.dataset.passkeySaid === name) ?? lines.at(-1);
  for (const line of lines) line.hidden = line !== said;
}

async function send(event) {
  const form = event.currentTarget;
  event.preventDefault();
  const button = form.querySelector("[data-passkey-with] button");
  for (const line of form.querySelectorAll("[data-passkey-said]")) line.hidden = true;
  button.disabled = true;
  try {
    const publicKey = await ask(form);
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.credential.value = told(credential);
    form.submit(); // without another "submit" event
  } catch (error) {
    say(form, error.name);
    delete form.dataset.sent;
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", send);
    form.querySelector("[data-passkey-with]").hidden = false;
    for (const line of form.querySelectorAll("[data-passkey-without]")) line.hidden = true;
  }
}
