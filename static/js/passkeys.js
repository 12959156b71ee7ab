/* Passkeys: a form marked data-passkey asks the browser to create or to get one, and sends its answer. */
(() => {
  "use strict";
  const ASK = {
    create: (options) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
    get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  };

  async function ask(form) {
    const said = form.querySelector('[role="alert"]');
    const options = JSON.parse(form.querySelector('script[type="application/json"]').textContent);
    said.hidden = true;
    try {
      const credential = await ASK[form.dataset.passkey](options);
      form.elements.answer.value = JSON.stringify(credential.toJSON());
    } catch {
      // Browsers do not tell a refusal from a device that is missing.
      said.textContent = "No passkey was used. Try again, or choose another way.";
      said.hidden = false;
      return;
    }
    form.requestSubmit();
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const button = form.querySelector("button");
    button.addEventListener("click", () => ask(form));
    button.hidden = false;
  });
})();
