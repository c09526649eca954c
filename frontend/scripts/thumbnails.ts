// Puts small pictures into the places that the page keeps for them: straight from the hospitals, when they come into
// sight, a few at once. Whatever goes wrong, the words that stand in a place stay there.

import { Tokens } from "../viewer/token";

interface Settings {
  tokenUrl: string;
  hospitals: Record<string, string>;
}

interface Place {
  element: HTMLElement;
  hospital: string;
  study: string;
}

const AT_ONCE = 3;

const text = document.getElementById("small-pictures")?.textContent;
if (text) watch(JSON.parse(text) as Settings);

function watch(settings: Settings): void {
  const places = [...document.querySelectorAll<HTMLElement>("[data-study][data-hospital]")].map((element) => ({
    element,
    hospital: element.dataset["hospital"]!,
    study: element.dataset["study"]!,
  }));
  // One grant at each hospital for all of the page: the patient's log has a line for it, not for each picture.
  const tokens = new Tokens(settings.tokenUrl, (hospital) => ({
    hospital,
    studies: places.filter((place) => place.hospital === hospital).map(({ study }) => study),
  }));
  const waiting: Place[] = [];
  let running = 0;

  async function next(): Promise<void> {
    const place = running < AT_ONCE ? waiting.shift() : undefined;
    if (!place) return;
    running += 1;
    await fill(place, `${settings.hospitals[place.hospital]}/studies/${place.study}/thumbnail`, tokens);
    running -= 1;
    await next();
  }

  const seen = new IntersectionObserver(
    (found) => {
      for (const { isIntersecting, target } of found) {
        const place = isIntersecting && places.find(({ element }) => element === target);
        if (!place) continue;
        seen.unobserve(target);
        waiting.push(place);
        void next();
      }
    },
    { rootMargin: "200px" },
  );
  for (const { element } of places) seen.observe(element);
}

async function fill(place: Place, address: string, tokens: Tokens): Promise<void> {
  try {
    const token = await tokens.get(place.hospital);
    let answer = await ask(address, token);
    if (answer.status === 401) answer = await ask(address, await tokens.instead(place.hospital, token));
    if (!answer.ok) return;
    const image = new Image();
    image.alt = "";
    image.src = URL.createObjectURL(await answer.blob());
    await image.decode();
    if (!isPlate(image)) place.element.append(image);
    URL.revokeObjectURL(image.src);
  } catch {
    // No token, no hospital, no picture: the words stay.
  }
}

// What may show a name comes as a plate of one grey (docs/dicomweb.md): the words say more.
function isPlate(image: HTMLImageElement): boolean {
  const side = 16;
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const paper = canvas.getContext("2d");
  paper?.drawImage(image, 0, 0, side, side);
  const dots = new Uint32Array(paper?.getImageData(0, 0, side, side).data.buffer ?? []);
  return dots.every((dot) => dot === dots[0]);
}

function ask(address: string, token: string): Promise<Response> {
  const headers = { Accept: "image/jpeg", Authorization: `Bearer ${token}` };
  return fetch(address, { headers, credentials: "omit", cache: "no-store" });
}
