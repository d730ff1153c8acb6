/**
 * The query of `migrations/001_alert_recipients.sql`: rows of this device, then rows of a pattern or of labels alone. Two halves, so that the first
 * one uses the index however many devices have rows.
 */
export const DEFAULT_QUERY = `SELECT address, kind, locale, timezone FROM alert_recipients
  WHERE enabled AND device_id = $1 AND $2 @> labels
UNION ALL
SELECT address, kind, locale, timezone FROM alert_recipients
  WHERE enabled AND device_id IS NULL AND (device_like IS NULL OR $1 LIKE device_like) AND $2 @> labels`;
