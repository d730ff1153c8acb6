import type { Room } from "../../core/alert-buffer.js";
import type { DecodedAlert } from "../../runtime/ports.js";
import { alertForm } from "../alert-form.js";
import type { AlertWords } from "../alert-words.js";
import { Cursor } from "./cursor.js";
import type { FramedBody } from "./schema-reader.js";
import { NotAsSchema } from "./unreadable.js";

/**
 * From the bytes of a value straight to the alert's own form. Undefined: something is wrong, or rare, and the value is to be read whole; what is answered here
 * is what `readAlert` answers. `key`: null where it is not to be compared.
 */
export type ShortRead = (
  bytes: Buffer,
  frame: Omit<FramedBody, "bytes">,
  key: Buffer | null,
  words: AlertWords,
  room?: Room,
) => DecodedAlert | undefined;

/** Puts the fields of a value into `alertForm`, up to the cursor's end. False: see `ShortRead`. */
export type TakeFields = (cursor: Cursor, words: AlertWords) => boolean;

/** `choose`: how this value is read, whose beginning it may pass; undefined: not so. */
export const shortRead =
  (choose: (cursor: Cursor, frame: Omit<FramedBody, "bytes">) => TakeFields | undefined): ShortRead =>
  (bytes, frame, key, words, room) => {
    if (!alertForm.begin(bytes, bytes, room)) return undefined;
    try {
      cursor.open(bytes, frame.at);
      const take = choose(cursor, frame);
      if (take === undefined || !take(cursor, words)) return alertForm.undo();
      cursor.mustBeAtEnd();
      return alertForm.alert(key);
    } catch (error) {
      // It is read again, to say what is wrong.
      if (!(error instanceof NotAsSchema)) throw error;
      return alertForm.undo();
    }
  };

/** One is enough: nothing of it is kept between two records. */
const cursor = new Cursor(Buffer.alloc(0));
