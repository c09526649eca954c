// Requests to a hospital's gateway with the viewer's token. Source: DICOM PS3.18 §10.4, §10.6.

import type { Attributes } from "./attributes";
import type { StudySetting } from "./settings";
import { Stopped, Tokens } from "./token";

/** The hospital does not answer, or has trouble of its own: trying again later may help. */
export class HospitalDown extends Error {}

/** The hospital answers, and says that it does not give this (in a form that we can show). */
export class NotGiven extends Error {}

/** One study at its hospital. */
export class Source {
  readonly root: string;
  private readonly expected = new Map<string, Promise<Attributes[]>>();

  constructor(
    readonly study: StudySetting,
    readonly tokens: Tokens,
  ) {
    this.root = `${study.dicomweb}/studies/${study.uid}`;
  }

  /** Begin to fetch a list that will be asked for soon. */
  expect(path: string): void {
    const coming = this.read(path);
    coming.catch(() => undefined);
    this.expected.set(path, coming);
  }

  /** Headers and lists as JSON; nothing found is an empty list. */
  async list(path: string, signal?: AbortSignal): Promise<Attributes[]> {
    const coming = this.expected.get(path);
    this.expected.delete(path);
    return coming ?? this.read(path, signal);
  }

  private async read(path: string, signal?: AbortSignal): Promise<Attributes[]> {
    const answer = await this.fetch(path, "application/dicom+json", signal);
    return answer.status === 204 ? [] : ((await answer.json()) as Attributes[]);
  }

  /** Bytes of a kind, such as a picture or a PDF. */
  async blob(path: string, accept: string, signal?: AbortSignal): Promise<Blob> {
    return (await this.fetch(path, accept, signal)).blob();
  }

  /** The header that a request of the image loader needs. */
  async authorization(): Promise<string> {
    return `Bearer ${await this.tokens.get(this.study.grant)}`;
  }

  /** After a 401: another token, or Stopped. */
  async renew(refused: string): Promise<void> {
    await this.tokens.instead(this.study.grant, refused.replace("Bearer ", ""));
  }

  private async fetch(path: string, accept: string, signal?: AbortSignal): Promise<Response> {
    const first = await this.authorization();
    const answer = await this.send(path, accept, first, signal);
    if (answer.status !== 401) return checked(answer);
    await this.renew(first);
    return checked(await this.send(path, accept, await this.authorization(), signal));
  }

  private async send(path: string, accept: string, authorization: string, signal?: AbortSignal): Promise<Response> {
    try {
      return await fetch(`${this.root}${path}`, {
        headers: { Accept: accept, Authorization: authorization },
        signal: signal ?? null,
        credentials: "omit",
        cache: "no-store",
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new HospitalDown();
    }
  }
}

/** The same answer, or what its status means. Throws Stopped, HospitalDown or NotGiven. */
export function checked(answer: Response): Response {
  if (answer.ok) return answer;
  throw meaningOf(answer.status);
}

/** What a status that is no success means; 0 is a connection that broke. */
export function meaningOf(status: number): Error {
  if (status === 401 || status === 403) return new Stopped();
  if (status === 0 || status === 429 || status >= 500) return new HospitalDown();
  return new NotGiven();
}
