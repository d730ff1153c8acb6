import type { KafkaScene } from "./phase.js";

/** Half of the time right after a mail was taken and before its reply, when it hurts most. */
export const badMoment = async ({ random, nextSign, wait }: KafkaScene): Promise<void> => {
  if (random.next() < 0.5) await wait(random.whole(0, 2_000));
  else await nextSign();
};
