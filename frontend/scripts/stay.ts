// The end of a visit: a warning two minutes before, in a dialog on the page; nothing left to see when it is over.
// Asking how much time is left does not lengthen it: only the button does, for somebody pressed it.

interface Left {
  seconds: number;
  can_stay: boolean;
}

const dialog = document.querySelector<HTMLDialogElement>("dialog[data-session]");
if (dialog) watch(dialog);

function watch(warning: HTMLDialogElement): void {
  const root = warning.dataset["session"] ?? "";
  const before = Number(warning.dataset["warning"]);
  let timer = 0;
  let endsAt = 0;
  let isLast = false;

  function plan(left: Left): void {
    clearTimeout(timer);
    endsAt = Date.now() + left.seconds * 1000;
    isLast = !left.can_stay;
    if (left.seconds <= 0) return leave();
    if (left.seconds > before && warning.open) warning.close();
    if (left.seconds <= before) warn();
    const pause = left.seconds > before ? left.seconds - before : left.seconds + 0.5;
    timer = window.setTimeout(() => void look(), pause * 1000);
  }

  function warn(): void {
    for (const part of warning.querySelectorAll<HTMLElement>("[data-stays]")) {
      part.hidden = (part.dataset["stays"] === "yes") === isLast;
    }
    if (!warning.open && warning.dataset["read"] !== "yes") warning.showModal();
  }

  // Another window may have kept the visit alive: the server knows. When it cannot be asked, our own clock counts.
  async function look(): Promise<void> {
    try {
      const answer = await fetch(`${root}left`, { cache: "no-store" });
      plan((await answer.json()) as Left);
    } catch {
      plan({ seconds: Math.ceil((endsAt - Date.now()) / 1000), can_stay: !isLast });
    }
    document.documentElement.hidden = false;
  }

  async function stay(): Promise<void> {
    await fetch(`${root}stay`, { method: "POST" }).catch(() => undefined);
    await look();
  }

  function leave(): void {
    document.documentElement.hidden = true;
    location.replace(`${root}ended${isLast ? "?max" : ""}`);
  }

  warning.querySelector("[data-stay]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    void stay();
  });
  warning.querySelector("[data-read]")?.addEventListener("click", () => {
    warning.dataset["read"] = "yes";
    warning.close();
  });
  // Escape is something that somebody does, too.
  warning.addEventListener("cancel", () => void (isLast ? (warning.dataset["read"] = "yes") : stay()));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void look();
  });
  // A page that comes back from the browser's memory shows nothing before it is known that its visit still lasts.
  addEventListener("pagehide", () => (document.documentElement.hidden = true));
  addEventListener("pageshow", (event) => {
    if (event.persisted) void look();
    else document.documentElement.hidden = false;
  });
  plan({ seconds: Number(warning.dataset["seconds"]), can_stay: warning.dataset["canStay"] === "yes" });
}

export {};
