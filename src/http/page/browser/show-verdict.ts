/** The verdict in words. The headline is read out when it changes, so it holds nothing that changes every second. */

import type { GroupStatus } from "../../status-shape.js";
import type { Connection } from "./connection.js";
import { byId, element, keyedList, type RowView, setAttribute, setHidden, setText, sign } from "./dom.js";
import type { Format } from "./format.js";
import { heardInstances, highest, lagLimitSeconds } from "./group.js";
import { serverTroubleText, type Texts } from "./texts.js";
import type { Problem, Verdict } from "./verdict.js";

interface Sentence {
  readonly headline: string;
  readonly detail: string;
  /** The part of the page that shows more of it: its title, and its heading. */
  readonly place?: Place | undefined;
}

interface Place {
  readonly title: string;
  readonly id: string;
}

export type ShowVerdict = (
  status: GroupStatus | undefined,
  verdict: Verdict | undefined,
  connection: Connection,
  texts: Texts,
  format: Format,
) => void;

export const createShowVerdict = (): ShowVerdict => {
  const banner = byId("verdict");
  const headline = byId("headline");
  const detail = byId("detail");
  const jump = byId("jump");
  const jumpLink = byId("jump-link");
  const others = byId("others");
  const showOthers = keyedList<Linked>(others, ({ headline: key }) => key, otherRow);

  const show = (level: string, first: Sentence, rest: readonly Sentence[], texts: Texts): void => {
    setAttribute(banner, "data-level", level);
    setText(headline, first.headline);
    setText(detail, first.detail);
    setHidden(jump, first.place === undefined);
    setLink(jumpLink, first.place, texts);
    showOthers(rest.map((sentence) => ({ ...sentence, texts })));
    setHidden(others, rest.length === 0);
    // The tab tells it, too.
    const mark = level === "ok" ? "✓" : level === "unknown" ? "…" : level === "watch" ? "!" : "✕";
    const title = `${mark} ${first.headline} · alert-digest`;
    if (document.title !== title) document.title = title;
  };

  return (status, verdict, connection, texts, format) => {
    if (connection.kind === "lost") {
      show("unknown", { headline: texts.lost(format.time(connection.since)), detail: texts.lostDetail }, [], texts);
    } else if (status === undefined || verdict === undefined) {
      show("unknown", { headline: texts.connecting, detail: texts.connectingDetail }, [], texts);
    } else {
      const [first, ...rest] = verdict.problems.map((problem) => ({
        ...sentenceOf(problem, texts, format),
        place: placeOf(problem, texts),
      }));
      show(verdict.level, first ?? allWell(status, verdict, texts, format), rest, texts);
    }
  };
};

type Linked = Sentence & { readonly texts: Texts };

/** Without a place it is there and is not shown. */
const setLink = (link: HTMLElement, place: Place | undefined, texts: Texts): void => {
  setHidden(link, place === undefined);
  setText(link, place === undefined ? "" : texts.jump(place.title));
  setAttribute(link, "href", place === undefined ? undefined : `#${place.id}`);
};

/** Where somebody sees more of a problem; undefined: nothing on this page shows more. */
const placeOf = ({ kind }: Problem, { static: titles }: Texts): Place | undefined => {
  switch (kind) {
    case "dead-letters":
      return { id: "dead-letters-title", title: titles.deadLettersTitle };
    case "recipient-waits":
      return { id: "mails-title", title: titles.mailsTitle };
    case "unowned":
    case "not-alive":
    case "not-ready":
    case "not-heard":
    case "out-of-group":
    case "kafka-silent":
    case "throttled":
    case "open-transaction":
    case "late":
    case "circuit-open":
    case "sharing-failed":
      return { id: "instances-title", title: titles.instancesTitle };
    case "recipients-away":
    case "recipients-cached":
    case "routes-stale":
      return undefined;
  }
};

const otherRow = (): RowView<Linked> => {
  const headline = element("strong");
  const detail = element("span");
  const link = element("a");
  const root = element("li", "", sign(), element("span", "", headline, " ", detail, " ", link));
  return {
    root,
    update(sentence) {
      setText(headline, sentence.headline);
      setText(detail, sentence.detail);
      setLink(link, sentence.place, sentence.texts);
    },
  };
};

const allWell = (status: GroupStatus, { onlyOwn }: Verdict, texts: Texts, format: Format): Sentence => {
  const oldest = highest(heardInstances(status), ({ partitions }) => highest(partitions, (each) => each.lagSeconds));
  return {
    headline: onlyOwn === undefined ? texts.onTime : texts.onTimeHere(format.number(onlyOwn)),
    detail:
      oldest === 0 ? texts.idle : texts.allWell(format.duration(oldest), format.duration(lagLimitSeconds(status))),
  };
};

const sentenceOf = (problem: Problem, texts: Texts, format: Format): Sentence => {
  switch (problem.kind) {
    case "not-alive":
      return { headline: texts.notAlive(problem.host), detail: problem.reason };
    case "circuit-open":
      return serverAway(problem, texts, format);
    case "unowned": {
      const { partitions } = problem;
      return {
        headline: texts.unowned(format.numbers(partitions), partitions.length > 1),
        detail: texts.unownedDetail,
      };
    }
    case "out-of-group":
      return {
        headline: texts.outOfGroup(problem.host),
        detail: texts.outOfGroupDetail(format.duration(problem.seconds)),
      };
    case "throttled":
      return {
        headline: texts.throttled(problem.host),
        detail: texts.throttledDetail(format.duration(problem.seconds)),
      };
    case "kafka-silent":
      return {
        headline: texts.kafkaSilent(problem.host),
        detail: texts.kafkaSilentDetail(format.duration(problem.seconds)),
      };
    case "open-transaction": {
      const { partitions, records, seconds } = problem;
      return {
        headline: texts.openTransaction(format.numbers(partitions), partitions.length > 1),
        detail: texts.openTransactionDetail(format.number(records), format.duration(seconds), records === 1),
      };
    }
    case "late":
      return {
        headline: texts.late(format.duration(problem.limitSeconds)),
        detail: `${texts.lateDetail(format.duration(problem.seconds), String(problem.partition), problem.host)} ${texts.waits[problem.waits]}`,
      };
    case "not-heard":
      return {
        headline: texts.notHeard(format.list(problem.hosts)),
        detail: texts.notHeardDetail(format.duration(problem.seconds)),
      };
    case "dead-letters":
      return {
        headline: texts.deadLetters(
          format.number(problem.count),
          problem.atLeast,
          problem.count === 1,
          problem.since === null ? null : format.time(problem.since),
        ),
        detail: texts.deadLettersDetail,
      };
    case "recipients-away":
      return {
        headline: texts.recipientsAway(format.number(problem.waiting), problem.waiting === 1),
        detail: texts.recipientsAwayDetail(format.list(problem.hosts)),
      };
    case "recipients-cached":
      return { headline: texts.recipientsCached, detail: texts.recipientsCachedDetail(format.list(problem.hosts)) };
    case "recipient-waits": {
      const { recipient, since, mails, reply, others } = problem;
      return {
        headline: texts.recipientWaits(recipient, format.time(since)),
        detail: texts.recipientWaitsDetail(
          format.number(mails),
          mails === 1,
          reply,
          others === 0 ? null : format.number(others),
        ),
      };
    }
    case "routes-stale":
      return { headline: texts.routesStale, detail: texts.routesStaleDetail(format.list(problem.hosts)) };
    case "not-ready":
      return { headline: texts.notReady(problem.host), detail: texts.words[problem.reason] ?? problem.reason };
    case "sharing-failed":
      return { headline: texts.sharingFailed, detail: texts.sharingFailedDetail };
  }
};

/** What waiting will not mend is named first; of an outage, since when. What to do comes first of the rest. */
const serverAway = (
  { hosts, since, cause, trouble, server, refusesUs }: Problem & { readonly kind: "circuit-open" },
  texts: Texts,
  format: Format,
): Sentence => {
  if (refusesUs)
    return {
      headline: since === null ? texts.serverRefusesUs : texts.serverRefusesUsSince(format.time(since)),
      detail: texts.serverRefusesUsDetail(format.list(hosts), cause),
    };
  const away = since === null ? texts.circuitOpen : texts.circuitOpenSince(format.time(since));
  const waiting = texts.circuitDetail(format.list(hosts), cause);
  const known = serverTroubleText(texts, trouble);
  if (known === undefined) return { headline: away, detail: waiting };
  const { headline, advice } = known;
  return {
    headline: headline === undefined ? away : headline(server ?? "?"),
    detail: `${headline === undefined ? `${server ?? "?"}: ` : ""}${advice} ${waiting}`,
  };
};
