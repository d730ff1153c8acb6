import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptMails } from "#src/runtime/kept-mails.js";

const mail = (alerts: number, bytes: number) => ({ size: { alerts, bytes } });

test("mails are kept as long as there is room for their alerts and their bytes", () => {
  const kept = new KeptMails({ alerts: 10, bytes: 1000 });
  const [few, large] = [mail(6, 100), mail(1, 901)];
  assert.equal(kept.add(few), true);
  assert.equal(kept.add(mail(5, 1)), false, "too many alerts");
  assert.equal(kept.add(large), false, "too many bytes");
  assert.equal(kept.add(mail(4, 900)), true, "exactly as many as may be");
  kept.delete(large);
  kept.delete(few);
  assert.deepEqual([kept.has(few), kept.add(mail(7, 1)), kept.add(mail(6, 100))], [false, false, true]);
});
