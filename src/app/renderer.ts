/** The renderer that a configuration asks for: the same for `run` and for `preview`. */

import type { Config } from "../config/shape.js";
import { createRenderer } from "../mail/render.js";
import type { TemplateFailure } from "../mail/template-part.js";
import type { Templates, TemplatesOptions } from "../mail/templates.js";
import type { AttachmentOutcome, MailRenderer } from "../runtime/ports.js";

/** Alerts of a device that a mail about several lists. */
export const FLEET_LISTED = 3;

export const createConfiguredRenderer = async (deps: {
  readonly mail: Config["mail"];
  readonly onAttachment?: (outcome: AttachmentOutcome) => void;
  readonly onTemplateFailure: (failure: TemplateFailure, deviceId: string) => void;
}): Promise<MailRenderer> => {
  const { mail, onAttachment, onTemplateFailure } = deps;
  const maxBytes = mail.maxBytes - (mail.dkim === undefined ? 0 : DKIM_OCTETS);
  return createRenderer({
    from: mail.from,
    replyTo: mail.replyTo,
    envelopeFrom: mail.envelopeFrom,
    locale: mail.locale,
    timezone: mail.timezone,
    links: mail.links,
    livePage: mail.publicUrl,
    subject: mail.subject,
    idKey: mail.idKey,
    listId: mail.listId,
    unsubscribeUrl: mail.unsubscribeUrl,
    maxBytes,
    templates: await templatesOf({ files: mail.templates, maxBytes, onFailure: onTemplateFailure }),
    onAttachment,
  });
};

/** Loads what renders templates only where there is one. */
const templatesOf = async (options: TemplatesOptions): Promise<Templates | undefined> => {
  if (Object.values(options.files).every((file) => file === undefined)) return undefined;
  const { createTemplates } = await import("../mail/templates.js");
  return createTemplates(options);
};

/** More than the header that signs a mail takes, with a key of 4096 bits. */
const DKIM_OCTETS = 2_048;
