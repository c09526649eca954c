// How downloads go, looked at again by itself while one may be running: every five seconds, for at most an hour.
// Without this script the page has a link that does the same.

const EVERY = 5000;
const MOST = 720;

const shown = document.querySelector<HTMLElement>("[data-progress]");
if (shown) follow(shown);

function follow(place: HTMLElement): void {
  const address = place.dataset["progress"] ?? "";
  let looks = 0;
  let timer = 0;

  function plan(): void {
    clearTimeout(timer);
    if (looks < MOST) timer = window.setTimeout(() => void look(), EVERY);
  }

  async function look(): Promise<void> {
    looks += 1;
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (!answer.ok) return; // the visit or the share is over: the next click says so
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      // What did not change is not put there again: a screen reader would say it again.
      if (fresh.content.textContent?.trim() !== place.textContent?.trim()) place.replaceChildren(fresh.content);
    } catch {
      // no connection for a moment
    }
    if (place.querySelector("[data-running]") || looks < 3) plan();
  }

  // The browser fetches the file beside this page, which stays: from now on there is something to tell.
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-download]")) {
    form.addEventListener("submit", () => {
      looks = 0;
      plan();
    });
  }
  if (place.querySelector("[data-running]")) plan();
}
