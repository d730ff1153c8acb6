import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Places } from "#src/formats/mapping/places.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:volume -- mapping/outlines";
const POINTERS = ["/a", "/b", "/in/c", "/in/d", "/in/deep/e", "/list/0"];

const placesOf = (): Places => {
  const places = new Places();
  for (const pointer of POINTERS) assert.notEqual(places.add(pointer), undefined);
  return places;
};

/** What was found of a record. Which record went before is nothing to it. */
const foundIn = (places: Places, record: Buffer) => {
  if (!places.find(record)) return "not found";
  const { byteOffset } = record;
  return POINTERS.map((_, place) => {
    const is = places.is[place] as number;
    const [from, to] = [(places.from[place] as number) - byteOffset, (places.to[place] as number) - byteOffset];
    // Of what is absent, or stands there as a whole, no place is asked.
    return is === 0 || is === 5 ? { is } : { is, text: record.toString("utf8", from, to), from };
  });
};

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('"x"', '"y"', '"온도"', '"long enough to be more than one word"', '""') },
  { weight: 4, arbitrary: fc.constantFrom("1", "41.5", "1795219212000", "-0", "1e9", "80.0") },
  fc.constantFrom("true", "false", "null", '"a\\"b"', "{}", "[]", '[1,{"c":2}]', '{"c":"other"}', '{"e":1}'),
  fc.constantFrom('"', "01", "nul", '"\u0001"', "[1", '{"c"}', '"\\x"'),
);
/** Where a value stands, `#`; each shape has some of them, and records of one shape differ in their values only. */
const shape = fc
  .tuple(
    fc.shuffledSubarray(
      [
        '"a":#',
        '"b" : #',
        '"other":#',
        '"in":{"c":#,"x":[#,#],"d":#}',
        '"in":{"deep":{"e":#}}',
        '"in":#',
        '"in":{}',
        '"list":[#]',
        '"more":{"a":#,"in":{"c":#}}',
        '"a":#,"a":#',
      ],
      { minLength: 1, maxLength: 5 },
    ),
    fc.constantFrom("", "", " ", "\n"),
    fc.constantFrom("", "", " ", " \n", "}", "x"),
  )
  .map(([fields, before, behind]) => `${before}{${fields.join(`,${before}`)}}${behind}`);
const series = fc.array(shape, { minLength: 1, maxLength: 3 }).chain((shapes) =>
  fc.array(
    fc.tuple(fc.constantFrom(...shapes), fc.array(scalar, { minLength: 4, maxLength: 12 })).map(([of, values]) => {
      let index = 0;
      return of.replaceAll("#", () => values[index++ % values.length] as string);
    }),
    { minLength: 3, maxLength: 25 },
  ),
);

/** Behind one another in one piece of memory, as a fetch has them: what is behind a record is none of it. */
const packed = (records: readonly Buffer[]): Buffer[] => {
  const memory = Buffer.concat(records);
  let at = 0;
  return records.map(({ length }) => {
    at += length;
    return memory.subarray(at - length, at);
  });
};

test("records that are written alike are found in as each of them alone is", () => {
  let [found, followed] = [0, 0];
  checkProperty(
    fc.property(series, (records) => {
      const places = placesOf();
      for (const record of packed(records.map((json) => Buffer.from(json)))) {
        const alone = foundIn(placesOf(), record);
        assert.deepEqual(foundIn(places, record), alone, record.toString());
        if (alone !== "not found") found++;
        if (places.outline !== undefined) followed++;
      }
    }),
    { runs: 2_000, rerun },
  );
  assert.ok(followed > found / 5, `${followed} of ${found} followed another`);
});

test("bytes that are damaged are found in as by a walk", () => {
  const record = Buffer.from('{"a":"one","b":41.5,"in":{"c":true,"x":[1,2],"d":"온도"},"other":"z"}');
  checkProperty(
    fc.property(
      fc.array(
        fc.tuple(fc.nat(record.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"{}[],:\\0 ')))),
        {
          minLength: 1,
          maxLength: 2,
        },
      ),
      (damages) => {
        const places = placesOf();
        assert.ok(places.find(record) && places.find(record) && places.outline !== undefined);
        const damaged = Buffer.from(record);
        for (const [at, byte] of damages) damaged[at] = byte;
        assert.deepEqual(foundIn(places, damaged), foundIn(placesOf(), damaged));
      },
    ),
    { runs: 3_000, rerun },
  );
});

test("records with names that are always new cost no more than a walk after a while", () => {
  const places = placesOf();
  for (let i = 0; i < 500; i++) assert.ok(places.find(Buffer.from(`{"name${i}":1,"a":"x"}`)));
  // None is tried any more, and none is learnt.
  const record = Buffer.from('{"a":"x","b":1}');
  for (let i = 0; i < 3; i++) {
    assert.ok(places.find(record));
    assert.equal(places.outline, undefined);
  }
  // Some time later somebody may write all of them alike.
  for (let i = 0; i < 5_000 && places.outline === undefined; i++) assert.ok(places.find(record));
  assert.ok(places.outline !== undefined);
});
