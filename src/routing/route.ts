/** A route after reading: checked, in the words of the ports. */

import type { Severity } from "../core/alert.js";
import type { MailLook, RecipientKind } from "../runtime/ports.js";
import type { Glob } from "./glob.js";
import type { Mute } from "./mute.js";

/** All that are given must hold; a list is a choice. */
export interface Conditions {
  readonly device?: readonly Glob[];
  readonly deviceName?: readonly Glob[];
  readonly severity?: ReadonlySet<Severity>;
  readonly type?: readonly Glob[];
  readonly labels?: ReadonlyMap<string, readonly Glob[]>;
}

export interface RouteRecipient {
  /** ASCII `local@domain`. */
  readonly address: string;
  readonly kind: RecipientKind;
}

export interface Route {
  /** Counted from 1, in the order of the file. */
  readonly number: number;
  readonly name: string | undefined;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
  readonly match: Conditions;
  /** Undefined: it tells its recipients. */
  readonly mute: Mute | undefined;
  /** At least one, but where it mutes; to before cc before bcc. */
  readonly recipients: readonly RouteRecipient[];
  readonly look: MailLook;
  /** The routes after it are tried too. */
  readonly continue: boolean;
}
