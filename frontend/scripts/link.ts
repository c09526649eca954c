// The link page: the part of the address after # never reached the server. It is put into the form, and taken out of
// the address bar, so that it stays in no history and on no screenshot. Without this script the code is typed.

takeFragment();
// Somebody who pastes the link into the address bar of this very page changes the fragment only.
addEventListener("hashchange", takeFragment);

function takeFragment(): void {
  const form = document.querySelector<HTMLFormElement>("[data-share-form]");
  const envelope = decode(location.hash.slice(1));
  if (!form || !/^[0-9A-Z]{17}\./.test(envelope)) return;
  history.replaceState(null, "", location.pathname + location.search);
  fillIn(form, envelope);
}

function fillIn(target: HTMLFormElement, envelope: string): void {
  const link = target.elements.namedItem("link");
  const code = target.elements.namedItem("code");
  if (!(link instanceof HTMLInputElement) || !(code instanceof HTMLInputElement)) return;
  link.value = envelope;
  code.value = grouped(envelope.split(".")[0] ?? "");
  document.querySelectorAll<HTMLAnchorElement>("[data-keep-fragment]").forEach((other) => {
    other.hash = envelope;
  });
  document.querySelector("[data-link-read]")?.removeAttribute("hidden");
  takeBackComplaint(code);
  const pin = target.elements.namedItem("pin");
  if (pin instanceof HTMLInputElement) pin.focus();
}

// The page may still say that the code is missing or mistyped: the link has just answered that.
function takeBackComplaint(code: HTMLInputElement): void {
  code.removeAttribute("aria-invalid");
  code.closest(".has-error")?.classList.remove("has-error");
  document.getElementById("code-error")?.remove();
  const complaint = document.querySelector("[data-error-of=code]");
  const summary = complaint?.closest("[role=alert]");
  complaint?.remove();
  if (summary && !summary.querySelector("li")) summary.remove();
}

function grouped(code: string): string {
  return code.match(/.{1,4}/g)?.join(" ") ?? code;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export {};
