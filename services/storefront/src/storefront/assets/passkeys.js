// A passkey: the device makes one, and the form brings it to the shop (WebAuthn 3, 5.1).

const form = document.querySelector("form[data-passkey]");

form?.addEventListener("submit", async (event) => {
  if (form.elements.credential.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.passkey));
    const made = await navigator.credentials.create({ publicKey: options });
    form.elements.credential.value = JSON.stringify(made.toJSON());
    form.submit();
  } catch {
    failed.hidden = false;
  }
});
