import type { MailSize } from "./mail-job.js";

/** Mails that others have, kept for recipients that are waited for: no more than there is room for. */
export class KeptMails<M extends { readonly size: MailSize }> {
  readonly #max: MailSize;
  readonly #mails = new Set<M>();
  #alerts = 0;
  #bytes = 0;

  constructor(max: MailSize) {
    this.#max = max;
  }

  has(mail: M): boolean {
    return this.#mails.has(mail);
  }

  /** False: there is no room for it. */
  add(mail: M): boolean {
    const { alerts, bytes } = mail.size;
    if (this.#alerts + alerts > this.#max.alerts || this.#bytes + bytes > this.#max.bytes) return false;
    this.#mails.add(mail);
    this.#alerts += alerts;
    this.#bytes += bytes;
    return true;
  }

  delete(mail: M): void {
    if (!this.#mails.delete(mail)) return;
    this.#alerts -= mail.size.alerts;
    this.#bytes -= mail.size.bytes;
  }
}
