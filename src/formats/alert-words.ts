import type { Severity, Status } from "../core/alert.js";
import { fieldPiece, type Piece, pieceOf } from "./piece.js";
import { type ReadingRules, severitySaid, statusSaid } from "./read-alert.js";
import { isBlank } from "./written-text.js";

/** What a word says, and how the own form has it. `isRepaired`: it was not written as documented. */
export interface Said<Meaning> {
  readonly meaning: Meaning;
  readonly isRepaired: boolean;
  readonly piece: Piece;
}

/** The words by which a topic's records say how bad it is, and whether it goes on: they are few, and each is looked up once. */
export class AlertWords {
  readonly rules: ReadingRules;
  readonly #severities = new Map<string, Said<Severity>>();
  readonly #statuses = new Map<string, Said<Status>>();

  constructor(rules: ReadingRules) {
    this.rules = rules;
  }

  /** Undefined: it cannot be read, or it is blank. */
  severity(word: string): Said<Severity> | undefined {
    return this.#severities.get(word) ?? this.#newSeverity(word);
  }

  status(word: string): Said<Status> | undefined {
    return this.#statuses.get(word) ?? this.#newStatus(word);
  }

  #newSeverity(word: string): Said<Severity> | undefined {
    const found = isNoWord(word) ? undefined : severitySaid(word, this.rules.severities);
    if (found === undefined) return undefined;
    // As the record has it: what it means is asked again whenever the form is read.
    const piece = pieceOf(`,"severity":${JSON.stringify(word)}`);
    return kept(this.#severities, word, { meaning: found.severity, isRepaired: !found.asDocumented, piece });
  }

  #newStatus(word: string): Said<Status> | undefined {
    const meaning = isNoWord(word) ? undefined : statusSaid(word);
    if (meaning === undefined) return undefined;
    const piece = pieceOf(`,"status":"${meaning}"`);
    return kept(this.#statuses, word, { meaning, isRepaired: meaning !== word, piece });
  }
}

const isNoWord = (text: string): boolean => text.length > WORD_MAX || isBlank(text);

const kept = <T>(words: Map<string, T>, word: string, said: T): T => {
  if (words.size < WORDS_MAX) words.set(word, said);
  return said;
};

/** The fields that are texts and nothing else, by their names. */
export const TEXT_FIELDS = ["deviceId", "message", "deviceName", "type", "unit", "alertId"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

/** Up to the value of each field. */
export const PIECES = {
  deviceId: fieldPiece("deviceId", true),
  message: fieldPiece("message", true),
  deviceName: fieldPiece("deviceName", true),
  type: fieldPiece("type", true),
  unit: fieldPiece("unit", true),
  alertId: fieldPiece("alertId", true),
  value: fieldPiece("value", false),
  threshold: fieldPiece("threshold", false),
  occurredAt: fieldPiece("occurredAt", true),
  labels: pieceOf(',"labels":{'),
} as const;

const WORDS_MAX = 64;
/** A longer text is no word. */
const WORD_MAX = 50;
