// Access tokens of the gateways: kept in memory only, renewed before they end and after a refusal.

interface Answer {
  access_token: string;
  expires_in: number;
}

const EARLY_MS = 20_000;

/** The portal gives no token any more: the share was stopped, has ended, or the visit is over. */
export class Stopped extends Error {}

/** Tokens by grant; requests for the same grant wait for one answer. `body` is what the portal is asked with. */
export class Tokens {
  private readonly known = new Map<string, { text: string; until: number }>();
  private readonly asked = new Map<string, Promise<string>>();

  constructor(
    private readonly url: string,
    private readonly body: (grant: string) => object = (grant) => ({ grant }),
  ) {}

  /** A token that is good for some time. Throws Stopped, or TypeError when the portal does not answer. */
  async get(grant: string): Promise<string> {
    const held = this.known.get(grant);
    return held && held.until - EARLY_MS > Date.now() ? held.text : this.renew(grant);
  }

  /** A new token: the gateway refused `refused`. When another request renewed meanwhile, that one. */
  async instead(grant: string, refused: string): Promise<string> {
    const held = this.known.get(grant);
    return held && held.text !== refused ? held.text : this.renew(grant);
  }

  private renew(grant: string): Promise<string> {
    const running = this.asked.get(grant);
    if (running) return running;
    const asked = this.ask(grant).finally(() => this.asked.delete(grant));
    this.asked.set(grant, asked);
    return asked;
  }

  private async ask(grant: string): Promise<string> {
    const answer = await fetch(this.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(this.body(grant)),
      cache: "no-store",
      redirect: "error",
    });
    if (answer.status >= 500 || answer.status === 429) throw new TypeError("no token now");
    if (!answer.ok) throw new Stopped();
    const { access_token: text, expires_in: seconds } = (await answer.json()) as Answer;
    // A token that lives shorter than what we keep in hand would be asked for with each request.
    this.known.set(grant, { text, until: Date.now() + Math.max(seconds * 1000, EARLY_MS + 2_000) });
    return text;
  }
}
