import { createHmac, randomBytes } from "node:crypto";

/** `busy`: too many passwords wait to be looked at. */
export type LoginVerdict = "right" | "wrong" | "busy";

/** Slow on purpose: whether this is the password of the bcrypt hash. */
export type VerifyPassword = (password: string, hash: string) => Promise<boolean>;

/**
 * Who may log in. A password is verified once and its verdict kept, as Prometheus' exporters do, since Prometheus sends it with every scrape; of the
 * password itself only a keyed hash is kept. A user that does not exist takes as long as one that does.
 */
export class Logins {
  readonly #verify: VerifyPassword;
  readonly #secret = randomBytes(32);
  /** The one asked for longest ago first. */
  readonly #known = new Map<string, boolean>();
  readonly #waiting = new Map<string, Promise<boolean>>();
  readonly #perAddress = new Map<string, number>();

  constructor(verify: VerifyPassword) {
    this.#verify = verify;
  }

  /** `header`: that of `Authorization`. */
  async check(header: string | undefined, users: ReadonlyMap<string, string>, address: string): Promise<LoginVerdict> {
    const login = loginOf(header);
    if (login === undefined) return "wrong";
    const own = users.get(login.user);
    const [any = ""] = users.values();
    const hash = own ?? any;
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([login.user, hash, login.password]))
      .digest("hex");
    const known = this.#known.get(key);
    if (known !== undefined) return known ? "right" : "wrong";
    const right = await this.#verified(key, address, async () => {
      const matches = await this.#verify(login.password, hash);
      return matches && own !== undefined;
    });
    return right === undefined ? "busy" : right ? "right" : "wrong";
  }

  async #verified(key: string, address: string, verify: () => Promise<boolean>): Promise<boolean | undefined> {
    const same = this.#waiting.get(key);
    if (same !== undefined) return same;
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#waiting.size >= WAITING_MAX || ofAddress >= WAITING_OF_ADDRESS_MAX) return undefined;
    this.#perAddress.set(address, ofAddress + 1);
    const verified = verify();
    this.#waiting.set(key, verified);
    try {
      const right = await verified;
      this.#keep(key, right);
      return right;
    } finally {
      this.#waiting.delete(key);
      const others = (this.#perAddress.get(address) ?? 1) - 1;
      if (others === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, others);
    }
  }

  /** Guesses must not push out those who log in rightly: they are forgotten first. */
  #keep(key: string, right: boolean): void {
    this.#known.set(key, right);
    if (this.#known.size <= KNOWN_MAX) return;
    const [wrong] = [...this.#known].find(([, isRight]) => !isRight) ?? [...this.#known.keys()].slice(0, 1);
    if (wrong !== undefined) this.#known.delete(wrong);
  }
}

/** RFC 7617. */
const loginOf = (header = ""): { readonly user: string; readonly password: string } | undefined => {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};

const KNOWN_MAX = 100;
/** A hash of the usual cost takes about 0.1 s. */
const WAITING_MAX = 16;
const WAITING_OF_ADDRESS_MAX = 4;
