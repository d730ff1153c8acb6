/** `TRANSLATE_*`: what `alert-digest translate` reads. */

import type { EnvReader } from "./reader.js";
import type { Config } from "./shape.js";
import { hidingLogins, listOf, topicName } from "./values.js";
import { optional, variables } from "./variable.js";

export const TRANSLATE = variables({
  TRANSLATE_FROM: optional(hidingLogins(listOf(topicName, topicName.expected)), {
    says: "topics that translate reads",
    more: "The command [`translate`](translate.md) needs it and writes their alerts to `KAFKA_ALERTS_TOPIC`. `run` does not read it.",
    example: "thingsboard.alarms,zabbix.events",
    onlyBy: "translate",
  }),
});

export interface TranslateConfig
  extends Pick<
    Config,
    | "kafka"
    | "formats"
    | "schemaRegistry"
    | "http"
    | "log"
    | "shutdownTimeoutMs"
    | "watchdogTimeoutMs"
    | "secrets"
    | "settings"
  > {
  /** The input topics, at least one. */
  readonly from: readonly string[];
}

/** The input topics, each once. A topic that `translate` or `run` writes to is refused: its records would go round for ever. */
export const readTranslate = (reader: EnvReader, kafka: Config["kafka"] | undefined): readonly string[] => {
  const from = reader.given(TRANSLATE.TRANSLATE_FROM);
  if (from === undefined && !reader.isSet(TRANSLATE.TRANSLATE_FROM))
    reader.fail(TRANSLATE.TRANSLATE_FROM, "it is not set, and translate has nothing to read without it");
  if (from === undefined || kafka === undefined) return [];
  const { alertsTopic, deadLetterTopic, statusTopic, sentTopic } = kafka;
  const written = [alertsTopic, deadLetterTopic, `${deadLetterTopic}.redriven`, statusTopic, sentTopic];
  const own = from.find((topic) => written.includes(topic));
  if (own !== undefined)
    reader.fail(
      TRANSLATE.TRANSLATE_FROM,
      `${own} is a topic that alert-digest writes to: its records would go round for ever`,
    );
  return [...new Set(from)];
};
