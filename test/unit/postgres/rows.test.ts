import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, recipientsIn } from "#src/postgres/rows.js";

const read = (names: readonly string[], ...rows: readonly (readonly unknown[])[]) => {
  const faults: string[] = [];
  const columns = columnsOf(names);
  assert.ok(columns);
  const recipients = recipientsIn(
    rows.map((row) => ["1", ...row]),
    columns,
    {
      address: (text) => (text.includes("@") ? text : undefined),
      locales: ["ko", "en"],
      onFault: (fault, { text }) => faults.push(`${fault} ${text}`),
    },
  );
  return { recipients, faults };
};

test("the address is in the column address, else email, else in the only one; the others are where their names are", () => {
  assert.deepEqual(columnsOf(["email", "address"])?.address, 2);
  assert.deepEqual(columnsOf(["id", "email"])?.address, 2);
  assert.deepEqual(columnsOf(["?column?"])?.address, 1);
  assert.equal(columnsOf(["mail", "name"]), undefined);
  assert.equal(columnsOf([]), undefined);
  assert.deepEqual(columnsOf(["timezone", "address", "kind", "locale"]), {
    address: 2,
    kind: 3,
    locale: 4,
    timezone: 1,
  });
});

test("an address counts once, as it is seen most openly, and the order does not depend on that of the rows", () => {
  const rows = [
    ["b@x", "bcc"],
    ["a@x", "cc"],
    ["b@x", "to"],
    ["c@x", null],
  ];
  const expected = [
    { address: "b@x", kind: "to" },
    { address: "c@x", kind: "to" },
    { address: "a@x", kind: "cc" },
  ];
  assert.deepEqual(read(["email", "kind"], ...rows), { recipients: expected, faults: [] });
  assert.deepEqual(read(["email", "kind"], ...rows.toReversed()).recipients, expected);
});

test("spaces and case do not matter, empty is as good as null, and anything else that is not known is a fault", () => {
  const names = ["address", "kind", "locale", "timezone"];
  const { recipients, faults } = read(
    names,
    [" a@x ", "BCC", "EN", "Asia/Seoul"],
    ["b@x", "", " ", null],
    ["c@x", "x", "fr", "Mars"],
    [undefined, 7, null, null],
    ["nobody", "to", null, null],
  );
  assert.deepEqual(recipients, [
    { address: "b@x", kind: "to" },
    { address: "c@x", kind: "to" },
    { address: "a@x", kind: "bcc", locale: "en", timezone: "Asia/Seoul" },
  ]);
  assert.deepEqual(faults, ["kind x", "locale fr", "timezone Mars", "address ", "address nobody"]);
});
