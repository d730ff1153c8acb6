/** What stands at a place. */
export const ABSENT = 0;
export const TEXT = 1;
/** A text with escapes in it. */
export const ESCAPED = 2;
/** A number that a JavaScript number holds exactly, or as near as nobody sees, and writes as it stands. */
export const NUMBER = 3;
/** One that JSON reads as a number to be compared, and JavaScript writes in another way, as 80.0. */
export const PLAIN_NUMBER = 4;
/** Any other number; `true`, `false`, a list or an object. Null is absent. */
export const OTHER = 5;
