// Reports beside the images: fetched only when somebody opens one, shown as text or as the hospital's PDF.

import { items, text, type Attributes } from "./attributes";
import type { Source } from "./dicomweb";
import { button, make } from "./dom";
import type { ReportSetting } from "./settings";
import { lines, type Line } from "./structured";
import type { Say } from "./words";

/** A list of buttons and, below it, the report that is open. */
export class Reports {
  readonly element = make("section", { class: "viewer-reports" });
  private readonly place = make("div", { class: "viewer-report", tabindex: 0, role: "region" });
  private address = "";
  private opened = 0;

  constructor(
    private readonly source: Source,
    private readonly say: Say,
  ) {
    const { reports } = source.study;
    this.element.hidden = !reports.length;
    this.element.setAttribute("aria-label", say("viewer.reports"));
    const list = make("ul", {});
    for (const report of reports) list.append(make("li", {}, this.opener(report)));
    this.place.hidden = true;
    this.element.append(make("h2", {}, say("viewer.reports")), list, this.place);
  }

  private opener(report: ReportSetting): HTMLButtonElement {
    const title = [report.title, report.issued].filter(Boolean).join(", ");
    const made = button(this.say("viewer.report_open", { title }), () => void this.open(report, made));
    return made;
  }

  private async open(report: ReportSetting, from: HTMLElement): Promise<void> {
    const opened = (this.opened += 1);
    const path = `/series/${report.series}/instances/${report.instance}`;
    let content: Node[];
    try {
      content = report.kind === "pdf" ? await this.pdf(path, report) : await this.structured(path);
    } catch {
      content = [make("p", {}, this.say("viewer.report_failed"))];
    }
    if (opened !== this.opened) return;
    const close = button(this.say("viewer.report_close"), () => this.close(from));
    this.place.replaceChildren(make("h3", { dir: "auto" }, report.title), close, ...content);
    this.place.setAttribute("aria-label", report.title);
    this.place.hidden = false;
    this.place.focus();
  }

  private close(from: HTMLElement): void {
    this.place.hidden = true;
    this.place.replaceChildren();
    this.forget();
    from.focus();
  }

  private async pdf(path: string, report: ReportSetting): Promise<Node[]> {
    const content = await this.source.blob(`${path}/rendered`, "application/pdf");
    this.forget();
    // The type is ours: whatever the hospital sent is opened as a PDF and as nothing else.
    this.address = URL.createObjectURL(new Blob([content], { type: "application/pdf" }));
    const link = make("a", { href: this.address, target: "_blank", rel: "noopener" }, this.say("viewer.report_file"));
    if (!navigator.pdfViewerEnabled) return [make("p", {}, link)];
    return [make("iframe", { src: this.address, title: report.title }), make("p", {}, link)];
  }

  private async structured(path: string): Promise<Node[]> {
    const [report] = await this.source.list(`${path}/metadata`);
    const found = lines(report ?? {});
    if (!found.length) return [make("p", {}, this.say("viewer.report_empty"))];
    return [make("div", { dir: "auto", lang: languageOf(report ?? {}) }, ...found.flatMap((line) => this.shown(line)))];
  }

  private shown(line: Line): Node[] {
    const name = line.name ? [make("h4", { class: `viewer-depth-${Math.min(4, line.depth)}` }, line.name)] : [];
    if (line.isMissing) return [...name, make("p", { class: "viewer-quiet" }, this.say("viewer.report_not_shown"))];
    return line.value ? [...name, make("p", {}, line.value)] : name;
  }

  private forget(): void {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = "";
  }
}

// *Source:* PS3.16 TID 1204: the first item may name the language of all that lies below.
function languageOf(report: Attributes): string | undefined {
  const first = items(report, "0040A730").find(
    (item) => text(items(item, "0040A043")[0] ?? {}, "00080100") === "121049",
  );
  const code = first ? text(items(first, "0040A168")[0] ?? {}, "00080100") : "";
  return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(code) ? code : undefined;
}
