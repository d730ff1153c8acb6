/** Two kinds of instant that must not meet by accident, both in milliseconds since the Unix epoch. */

declare const kind: unique symbol;

/** When something happened, by its record's timestamp. Windows and watermarks live on this axis only. */
export type EventTime = number & { readonly [kind]: "event" };

/** What the clock of this machine says. */
export type WallTime = number & { readonly [kind]: "wall" };

export const eventTime = (ms: number): EventTime => ms as EventTime;
export const wallTime = (ms: number): WallTime => ms as WallTime;

/** No alert is older. What says so is seconds written for milliseconds, a clock that was never set, or Kafka's -1 for "no timestamp". */
export const YEAR_2000 = Date.UTC(2000, 0);

/** Also false for NaN. */
export const isPossibleTime = (ms: number): boolean => ms >= YEAR_2000;

/** The axis is entered here and nowhere else: a device clock in the future moves nothing, nor does one before 2000. */
export const eventTimeOf = (recordTimestampMs: number, readAt: WallTime): EventTime =>
  (isPossibleTime(recordTimestampMs) && recordTimestampMs < readAt ? recordTimestampMs : readAt) as number as EventTime;

/** Wall time used as event time: the source was seen to hold nothing that was written before it. */
export const knownEndAt = (at: WallTime): EventTime => at as number as EventTime;
