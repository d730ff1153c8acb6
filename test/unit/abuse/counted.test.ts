import assert from "node:assert/strict";
import { test } from "node:test";
import { CountedBooks } from "#test/abuse/counted.js";
import { Written } from "#test/abuse/written.js";

test("each reader's mails are held against what was written for him: one's surplus hides no loss of another", () => {
  const books = new CountedBooks();
  books.wrote("large", 60);
  books.wrote("large", 60);
  books.mailed("large", "<1>", 100);
  books.wrote("flood", 10);
  books.mailed("flood", "<2>", 13);
  assert.deepEqual(books.account(), { written: 130, mails: 2, lost: 20, repeated: 3 });
});

test("a mail that came twice under one Message-ID counts once", () => {
  const books = new CountedBooks();
  books.wrote("flood", 20);
  books.mailed("flood", "<1>", 10);
  books.mailed("flood", "<1>", 10);
  assert.deepEqual(books.account(), { written: 20, mails: 1, lost: 10, repeated: 0 });
});

test("mails of ordinary devices are not the abusers'", () => {
  const written = new Written();
  written.take("large", 60);
  written.take("batches", 2, 1);
  const mail = (to: string, messageId: string, count: number) => ({
    ...{ to: [`${to}@plant.example`], messageId, count },
    ...{ deviceId: "", alertIds: [] },
  });
  const mails = [mail("large", "<1>", 60), mail("batches", "<2>", 2), mail("oncall", "<3>", 5)];
  assert.deepEqual(written.books({ mails }).account(), { written: 62, mails: 2, lost: 0, repeated: 0 });
  assert.equal(written.tooLarge, 1);
});
