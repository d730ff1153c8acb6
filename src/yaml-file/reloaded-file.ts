import type { Clock } from "../runtime/clock.js";
import type { FileError, FileReader, LoadedFile, Parsed } from "./document.js";

export interface ReloadOptions<T> {
  /** What the file held at the start. */
  readonly loaded: LoadedFile<T>;
  /** Resolves with the file's text, or rejects with an error whose `code` says why. */
  readonly read: (path: string) => Promise<string>;
  readonly reader: FileReader<T>;
  readonly clock: Clock;
  /** The file changed: what it holds now is in force, or is not usable, and what was before stays. Said once for each change. */
  readonly onChange: (result: Parsed<T>) => void;
}

/** The file as it was read: its text, or why there is none. */
type Content = { readonly text: string } | { readonly error: FileError };

/**
 * What a file holds that may change. Its content is read again and again: a watch of the file system does not see what Kubernetes does to a mounted
 * ConfigMap, nor what others do on a network file system. A change counts once it was read twice the same, for a file may be met half written. A
 * broken or vanished file changes nothing and is said once.
 */
export class ReloadedFile<T> {
  readonly #options: ReloadOptions<T>;
  #value: T;
  /** What was looked at last, and what was read last. */
  #known: Content;
  #read: Content;
  #cancel: () => void = () => undefined;
  #closed = false;
  #stale = false;

  constructor(options: ReloadOptions<T>) {
    this.#options = options;
    this.#value = options.loaded.value;
    this.#known = { text: options.loaded.text };
    this.#read = this.#known;
  }

  get current(): T {
    return this.#value;
  }

  /** The file changed, and what it holds now, if anything, is not in force. */
  get isStale(): boolean {
    return this.#stale;
  }

  start(): void {
    this.#lookIn(EVERY_MS);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #lookIn(ms: number): void {
    if (!this.#closed) this.#cancel = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const content = await this.#content();
    if (this.#closed) return;
    const settled = isSame(content, this.#read);
    this.#read = content;
    if (isSame(content, this.#known)) {
      this.#lookIn(EVERY_MS);
      return;
    }
    if (settled) this.#take(content);
    this.#lookIn(settled ? EVERY_MS : AGAIN_MS);
  }

  async #content(): Promise<Content> {
    const { loaded, read, reader } = this.#options;
    try {
      return { text: await read(loaded.path) };
    } catch (error) {
      return { error: reader.unreadable(loaded.path, error) };
    }
  }

  #take(content: Content): void {
    this.#known = content;
    const { loaded, reader, onChange } = this.#options;
    const result: Parsed<T> =
      "text" in content ? reader.parse(content.text, loaded.path) : { ok: false, errors: [content.error] };
    this.#stale = !result.ok;
    if (result.ok) this.#value = result.value;
    onChange(result);
  }
}

/** Fields of a log line that tells of them. `clean`: they may quote what a log must not show. */
export const loggedErrors = (errors: readonly FileError[], clean: (text: string) => string) => ({
  errors: errors
    .slice(0, LOGGED_ERRORS_MAX)
    .map(({ where, problem, expected }) => `${where}: ${clean(problem)}; expected: ${expected}`),
  count: errors.length,
});

const isSame = (a: Content, b: Content): boolean =>
  "text" in a ? "text" in b && a.text === b.text : "error" in b && a.error.problem === b.error.problem;

const EVERY_MS = 2_000;
/** Whoever writes a file in place is done by then. */
const AGAIN_MS = 250;
const LOGGED_ERRORS_MAX = 20;
