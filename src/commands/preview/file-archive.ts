/** What `run` reads back from the alerts topic for the CSV file of a folded mail, `preview` has from its file. */

import type { ListedAlert, WindowArchive } from "../../runtime/ports.js";

/** Offsets are lines. As records do, they do not tell whether an alert was late. */
export const fileArchive = (byDevice: ReadonlyMap<string, readonly ListedAlert[]>): WindowArchive => ({
  read({ runs, deviceId }) {
    const alerts = (byDevice.get(deviceId) ?? [])
      .filter(({ offset }) => runs.some(([first, last]) => offset >= first && offset <= last))
      .map(({ offset, eventTime, alert }) => ({ offset, eventTime, alert }));
    return Promise.resolve({ alerts, missing: 0, beyond: 0 });
  },
});
