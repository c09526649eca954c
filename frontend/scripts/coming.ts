// A history that still comes in: the line on the page says how it goes (server-sent events). Nothing that is shown moves
// by itself: the button gets the list anew, with what is ticked, at the examination that is being read. Only a page that
// shows no examination yet goes on by itself, once, to the first ones. Without this script the button does the same.

interface Coming {
  line: string;
  of: string;
  news: number;
  isLast: boolean;
}

const MOST_FAULTS = 3;

const place = document.querySelector<HTMLElement>("[data-progress]");
if (place) follow(place);

function follow(place: HTMLElement): void {
  const status = place.querySelector<HTMLElement>("[role=status]");
  const again = place.querySelector<HTMLElement>("button, a");
  const events = new EventSource(place.dataset["progress"] ?? "");
  const isEmpty = "isEmpty" in place.dataset && !location.search.includes("itself");
  let faults = 0;

  events.addEventListener("message", ({ data }) => {
    const told = JSON.parse(data as string) as Coming;
    if (told.isLast) events.close();
    if (status && status.textContent !== told.line) status.textContent = told.line;
    if (again) lead(again, `?of=${told.of}`);
    if (told.news > 0 || told.isLast) place.dataset["news"] = "";
    if (isEmpty && (told.news > 0 || told.isLast)) location.replace(`${location.pathname}?of=${told.of}&itself`);
  });
  // The browser tries again by itself; where nobody answers, the page is as it is without this script.
  events.addEventListener("error", () => {
    faults += 1;
    if (faults === MOST_FAULTS) events.close();
  });
  addEventListener("pagehide", () => events.close());
  again?.addEventListener("click", () => {
    if (again instanceof HTMLButtonElement) again.formAction = `${again.formAction.split("#")[0]}${whatIsRead()}`;
  });
}

// Another process of the portal may have begun the list under another name.
function lead(again: HTMLElement, query: string): void {
  const path = (address: string): string => new URL(address).pathname + query;
  if (again instanceof HTMLButtonElement) again.formAction = path(again.formAction);
  if (again instanceof HTMLAnchorElement) again.href = path(again.href);
}

// The first examination below the upper edge, once somebody has gone down the list.
function whatIsRead(): string {
  if (scrollY < innerHeight / 2) return "";
  const boxes = [...document.querySelectorAll<HTMLInputElement>("input[name=study]")];
  const read = boxes.find((box) => (box.closest(".card") ?? box).getBoundingClientRect().bottom > 0);
  return read?.id ? `#${read.id}` : "";
}

export {};
