/** `MAIL_HIDE_RECIPIENTS`: nobody who is told sees who else is. */

import { type Addressing, everyoneOf, type Router } from "../runtime/ports.js";

/** The same router, with everybody in Bcc. */
export function hidingRecipients(router: Router): Router {
  return {
    route(digest) {
      const addressings = router.route(digest);
      return Array.isArray(addressings)
        ? addressings.map(hidden)
        : Promise.resolve(addressings).then((found) => found.map(hidden));
    },
  };
}

/** The same recipients, all in Bcc. */
export const hidden = (addressing: Addressing): Addressing => ({
  look: addressing.look,
  to: [],
  cc: [],
  bcc: everyoneOf(addressing),
});
