/**
 * Which types of which devices fire, since when, how bad, and what each alert tells that was not known: said as slowly and plainly as possible. All alerts are
 * kept, and gone through anew for each question. Written from what mails promise, not from `core/faults`.
 */

import { SEVERITIES, type Severity } from "#src/core/alert.js";

export interface ToldAlert {
  readonly device: number;
  readonly type: number;
  readonly offset: number;
  /** In whole seconds. */
  readonly at: number;
  readonly severity: Severity;
  readonly resolved: boolean;
  readonly muted: boolean;
}

/** The alerts of one fault, in offset order. */
export interface OracleFault {
  readonly alerts: KnownAlert[];
  /** Undefined: what was resolved is not known. */
  began: number | undefined;
  isOver: boolean;
  /** A resolve came so long after it that it may have been forgotten. */
  isUnsure: boolean;
}

interface KnownAlert extends ToldAlert {
  /** The highest event time when it was read. */
  readonly time: number;
}

export class FaultsOracle {
  readonly #forget: number;
  #alerts: KnownAlert[] = [];
  time = Number.NEGATIVE_INFINITY;

  constructor(forgetMs: number) {
    this.#forget = forgetMs / 1000;
  }

  get alerts(): readonly ToldAlert[] {
    return this.#alerts;
  }

  heard(alert: ToldAlert): void {
    this.time = Math.max(this.time, alert.at);
    this.#alerts.push({ ...alert, time: this.time });
  }

  /** What the alert tells that nobody was mailed of so far; both, where what was before may be forgotten. */
  news({ device, type, at, severity, resolved }: ToldAlert): readonly string[] {
    const last = this.faults(device, type).at(-1);
    const told = last?.alerts.filter(({ muted }) => !muted) ?? [];
    if (resolved) {
      if (last?.isUnsure || (last !== undefined && Math.max(this.time, at) - heardOf(last) > 2 * this.#forget))
        return ["resolved", "nothing"];
      return told.some((one) => one.resolved) ? ["nothing"] : ["resolved"];
    }
    if (last === undefined || last.isOver || at - heardOf(last) > this.#forget) return ["new"];
    if (told.length === 0) return ["new"];
    return told.some((one) => rank(one.severity) >= rank(severity)) ? ["nothing"] : ["worse"];
  }

  /** Of a type of a device, in the order in which they began. */
  faults(device: number, type: number): OracleFault[] {
    const faults: OracleFault[] = [];
    for (const alert of this.#alerts) {
      if (alert.device !== device || alert.type !== type) continue;
      const fault = faults.at(-1);
      const silence = fault === undefined ? 0 : alert.at - heardOf(fault);
      if (fault !== undefined && alert.resolved) {
        fault.isUnsure ||= alert.time - heardOf(fault) > 2 * this.#forget;
        fault.isOver = true;
        fault.alerts.push(alert);
      } else if (fault === undefined || fault.isOver || silence > this.#forget) {
        if (fault !== undefined) fault.isOver = true;
        const began = alert.resolved ? undefined : alert.at;
        faults.push({ alerts: [alert], began, isOver: alert.resolved, isUnsure: false });
      } else {
        fault.alerts.push(alert);
        if (fault.began !== undefined && fault.began > alert.at && fault.began - alert.at <= this.#forget)
          fault.began = alert.at;
      }
    }
    return faults;
  }

  /** The types of a device that fire, and of which somebody is mailed, with the worst severity and since when. */
  firing(device: number): { type: number; worst: Severity; since: number | undefined }[] {
    const types = [...new Set(this.#alerts.filter((one) => one.device === device).map(({ type }) => type))];
    return types.flatMap((type) => {
      const last = this.faults(device, type).at(-1);
      if (last === undefined || last.isOver || this.time - heardOf(last) > this.#forget) return [];
      if (last.alerts.every(({ muted }) => muted)) return [];
      const worst = Math.max(...last.alerts.map(({ severity }) => rank(severity)));
      return [{ type, worst: SEVERITIES[worst] as Severity, since: last.began }];
    });
  }

  /** What is over before the frontier is not known afterwards, and not what was muted. */
  restart(frontier: number): void {
    const isKnown = ({ device, type }: ToldAlert): boolean => {
      const last = this.faults(device, type).at(-1);
      return last?.isOver !== true || (last.alerts.at(-1) as ToldAlert).offset >= frontier;
    };
    this.#alerts = this.#alerts.filter(isKnown).map((one) => ({ ...one, muted: false }));
  }
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

const heardOf = ({ alerts }: OracleFault): number => Math.max(...alerts.map(({ at }) => at));
