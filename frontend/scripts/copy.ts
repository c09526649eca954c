// Copy buttons: shown only where they work; what they copy stands on the page as text as well.

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => void copy(button));
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.getElementById(button.dataset["copy"] ?? "");
  const status = document.getElementById(button.getAttribute("aria-describedby") ?? "");
  if (!source) return;
  await navigator.clipboard.writeText(source.dataset["value"] ?? source.textContent ?? "");
  if (status) status.textContent = button.dataset["done"] ?? "";
}

export {};
