// What the page tells the viewer: a JSON script element, so that no identifier stands in an address.

/** A report that lies beside the images: an encapsulated PDF or a structured report. */
export interface ReportSetting {
  title: string;
  issued: string;
  series: string;
  instance: string;
  kind: "pdf" | "sr";
}

/** One study that may be looked at; `grant` is the handle that the portal takes for a token. */
export interface StudySetting {
  title: string;
  date: string;
  hospital: string;
  dicomweb: string;
  grant: string;
  uid: string;
  isPrior: boolean;
  reports: ReportSetting[];
}

/** Everything on the page that the viewer reads. */
export interface ViewerSettings {
  language: string;
  audience: "patient" | "provider";
  notForDiagnosis: string;
  tokenUrl: string;
  back: string;
  words: Record<string, string>;
  studies: StudySetting[];
}

/** Read the settings from the page. Throws when the page holds none: then there is nothing to show. */
export function readSettings(page: Document): ViewerSettings {
  const text = page.getElementById("viewer-settings")?.textContent;
  if (!text) throw new Error("the page has no viewer-settings");
  return JSON.parse(text) as ViewerSettings;
}
