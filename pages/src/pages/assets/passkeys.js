// A passkey: the device makes one, or signs with one, and the form brings it to the shop (WebAuthn 3, 5.1).

const form = document.querySelector("form[data-passkey], form[data-signs]");

const ask = () => {
  if (form.dataset.passkey) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.passkey));
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(form.dataset.signs));
  return navigator.credentials.get({ publicKey });
};

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify((await ask()).toJSON());
    form.submit();
  } catch {
    failed.hidden = false;
  }
});
