// Says at the end of the page how much is chosen while boxes are being ticked. The server says the same at each step.

type Words = Record<"studies" | "hospitals" | "images" | "reports", [string, string]> &
  Record<"sentence" | "none" | "small", string>;

const form = document.querySelector<HTMLFormElement>("form[data-choosing]");
const line = document.querySelector<HTMLElement>("[data-chosen]");
if (form && line) watch(form, line);

function watch(form: HTMLFormElement, line: HTMLElement): void {
  const words = JSON.parse(line.dataset["chosen"] ?? "{}") as Words;
  const numbers = new Intl.NumberFormat(line.dataset["language"] ?? "nl", { maximumFractionDigits: 1 });
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=study]")];
  form.addEventListener("change", (event) => {
    const changed = event.target as HTMLInputElement;
    if (changed.name === "study") choose(form, "ticked");
    if (changed.name === "year") choose(form, "year");
    say();
  });
  window.addEventListener("pageshow", say);

  function say(): void {
    const data = new FormData(form);
    const chosen = boxes.filter((box) => isChosen(box, String(data.get("how")), String(data.get("year"))));
    const strong = line.querySelector("strong") ?? line;
    const text = sentence(chosen, data, words, numbers);
    if (strong.textContent !== text) strong.textContent = text;
  }
}

function choose(form: HTMLFormElement, how: string): void {
  const radio = form.querySelector<HTMLInputElement>(`input[name=how][value=${how}]`);
  if (radio) radio.checked = true;
}

function isChosen(box: HTMLInputElement, how: string, year: string): boolean {
  return how === "all" || (how === "year" ? box.dataset["year"] === year : box.checked);
}

function sentence(chosen: HTMLInputElement[], data: FormData, words: Words, numbers: Intl.NumberFormat): string {
  if (chosen.length === 0) return words.none;
  const hospitals = new Set(chosen.map((box) => data.get(`hospital.${box.value}`) ?? box.dataset["hospital"]));
  const images = total(chosen, "images");
  const reports = total(chosen, "reports");
  const size = total(chosen, "size");
  const count = (name: "studies" | "hospitals" | "images" | "reports", n: number): string =>
    words[name][n === 1 ? 0 : 1].replace("{n}", numbers.format(n));
  const more = [
    images === null ? "" : count("images", images),
    reports ? count("reports", reports) : "",
    size === null ? "" : amount(size, words.small, numbers),
  ];
  return words.sentence
    .replace("{studies}", count("studies", chosen.length))
    .replace("{hospitals}", count("hospitals", hospitals.size))
    .replace("{more}", more.filter(Boolean).map((part) => `, ${part}`).join(""));
}

/** Returns null when one of them is not known. */
function total(chosen: HTMLInputElement[], name: string): number | null {
  if (chosen.some((box) => !box.dataset[name])) return null;
  return chosen.reduce((sum, box) => sum + Number(box.dataset[name]), 0);
}

function amount(bytes: number, small: string, numbers: Intl.NumberFormat): string {
  if (bytes < 1_000_000) return small;
  const [unit, divisor] = bytes >= 999_500_000 ? ["GB", 1e9] : ["MB", 1e6];
  const value = bytes / Number(divisor);
  return `${numbers.format(unit === "GB" || value < 10 ? value : Math.round(value))} ${unit}`;
}

export {};
