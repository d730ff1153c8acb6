import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalTime } from "#src/mail/local-time.js";

const at = (iso: string) => Date.parse(iso);

test("an instant is shown in the zone, with the zone's name and offset", () => {
  const seoul = createLocalTime("Asia/Seoul");
  assert.equal(seoul.format(at("2026-11-21T15:00:12.345Z")), "2026-11-22 00:00:12");
  assert.equal(seoul.zone(at("2026-11-21T15:00:12Z")), "Asia/Seoul, UTC+09:00");
  assert.equal(createLocalTime("Asia/Kathmandu").zone(0), "Asia/Kathmandu, UTC+05:30");
  assert.equal(createLocalTime("America/St_Johns").zone(at("2026-01-01T00:00:00Z")), "America/St_Johns, UTC-03:30");
});

test("the same instant as a header's date and in a file's name", () => {
  const ms = at("2026-11-20T15:00:05.999Z");
  const seoul = createLocalTime("Asia/Seoul");
  assert.equal(seoul.header(ms), "Sat, 21 Nov 2026 00:00:05 +0900");
  assert.equal(seoul.compact(ms), "20261121T000005+0900");
  for (const zone of ["UTC", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
    const header = createLocalTime(zone).header(ms);
    assert.equal(Date.parse(header), ms - 999, header);
  }
});

test("the offset follows daylight saving within one renderer", () => {
  const berlin = createLocalTime("Europe/Berlin");
  assert.equal(berlin.format(at("2026-03-29T00:59:59Z")), "2026-03-29 01:59:59");
  assert.equal(berlin.format(at("2026-03-29T01:00:00Z")), "2026-03-29 03:00:00");
  assert.equal(berlin.format(at("2026-03-29T00:59:59Z")), "2026-03-29 01:59:59");
});

test("it agrees with Intl all through a year", () => {
  for (const zone of ["Asia/Seoul", "Europe/London", "America/New_York", "Australia/Lord_Howe"]) {
    const ours = createLocalTime(zone);
    const theirs = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    for (let ms = at("2026-01-01T00:00:00Z"); ms < at("2027-01-01T00:00:00Z"); ms += 11_087_000) {
      assert.equal(ours.format(ms), theirs.format(ms));
    }
  }
});

test("an unknown zone is an error at once", () => {
  assert.throws(() => createLocalTime("Mars/Olympus"), RangeError);
});
