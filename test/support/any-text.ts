import fc from "fast-check";

/**
 * Any code point, halves of surrogate pairs among them. Like fast-check's `unit: "binary"`, which first makes a map of all 1,114,112 of them
 * (a second of CPU time) to look for names like `__proto__`; those are among the texts here, too.
 */
export const anyText = (constraints: { minLength?: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.string({ unit: CODE_POINT, ...constraints }) },
    { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "null") },
  );

const CODE_POINT = fc
  .oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 0x10ffff }) },
  )
  .map((code) => String.fromCodePoint(code));
