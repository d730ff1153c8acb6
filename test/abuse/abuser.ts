/** What an abuser is, and what it is told. */

/** Where it is to work. Everything is on 127.0.0.1. */
export interface Setup {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly statusTopic: string;
  readonly partitions: number;
  /** HTTP_PORT of the instance that the crowd goes to. */
  readonly pagePort: number;
}

export interface Told {
  /** Valid alerts that the broker has. */
  readonly alerts?: number;
  /** Records that are too large to be read. */
  readonly tooLarge?: number;
  readonly problem?: string;
}

export interface Abuser {
  /** Until it is aborted; resolves when nothing of it is under way any more. May be called again. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export type StartAbuser = (setup: Setup, tell: (told: Told) => void) => Promise<Abuser>;
