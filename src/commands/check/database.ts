import { createRecipientsDatabase } from "../../app/recipients-database.js";
import type { Config } from "../../config.js";
import { withoutSecrets } from "../../core/secret-text.js";
import { MAIL_LOCALES } from "../../mail/texts/index.js";
import { systemClock } from "../../runtime/clock.js";
import type { Logger } from "../../runtime/log.js";
import { createRecipientView } from "../../runtime/recipient-view.js";
import { type Finding, fine, wrong } from "./findings.js";

const SUBJECT = "recipients database";

/** Undefined: none is configured. */
export const checkDatabase = async (config: Config): Promise<Finding | undefined> => {
  let last: string | undefined;
  const note = (fields: object): void => {
    const { detail, reason } = fields as { detail?: unknown; reason?: unknown };
    last ??= String(detail ?? reason ?? "");
  };
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };
  const database = await createRecipientsDatabase({
    config,
    locales: MAIL_LOCALES,
    redact: withoutSecrets(config.secrets),
    view: createRecipientView(config.log.recipients),
    metrics: NOT_COUNTED,
    clock: systemClock,
    log,
  });
  if (database === undefined) return undefined;
  try {
    const problem = await database.start();
    if (problem !== undefined)
      return wrong(SUBJECT, problem.problem, `correct ${problem.variable}: ${problem.expected}`);
    if (database.isUp) return fine(SUBJECT, "answers the query");
    const seen = last === undefined || last === "" ? "" : ` (${last})`;
    return wrong(SUBJECT, `it does not answer${seen}`, "check RECIPIENTS_DATABASE_URL, and whether the database runs");
  } finally {
    await database.close();
  }
};

const NOT_COUNTED = { recipientLookup: () => undefined, recipientFault: () => undefined };
