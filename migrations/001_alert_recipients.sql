-- Who gets the mails of which device. PostgreSQL 14 or newer. Can be run again: it changes nothing that is there.
--
--   psql "$RECIPIENTS_DATABASE_URL" -f migrations/001_alert_recipients.sql
--
-- A row counts for a device when its device_id is the device's, or its device_pattern fits, and the alerts have all of its labels.
-- Without device_id and device_pattern the labels alone decide.

BEGIN;

CREATE TABLE IF NOT EXISTS alert_recipients (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id text CHECK (length(device_id) BETWEEN 1 AND 256),
  -- * is any number of characters, ? is one: 'boiler-*', '*'.
  device_pattern text CHECK (length(device_pattern) BETWEEN 1 AND 256),
  -- '{"site": "busan-2"}': all of them must be among the labels of the window's alerts.
  labels jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
  address text NOT NULL CHECK (address ~ '^[^[:space:][:cntrl:]<>,;]+@[^[:space:][:cntrl:]<>,;@]+$'),
  kind text NOT NULL DEFAULT 'to' CHECK (kind IN ('to', 'cc', 'bcc')),
  -- Of this reader's mail; empty: MAIL_LOCALE and MAIL_TIMEZONE.
  locale text,
  timezone text,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- The pattern as LIKE wants it.
  device_like text GENERATED ALWAYS AS (
    translate(replace(replace(replace(device_pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*?', '%_')
  ) STORED,
  CHECK (num_nonnulls(device_id, device_pattern) <= 1),
  CHECK (num_nonnulls(device_id, device_pattern) = 1 OR labels <> '{}')
);

CREATE INDEX IF NOT EXISTS alert_recipients_by_device ON alert_recipients (device_id) WHERE enabled AND device_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS alert_recipients_by_pattern ON alert_recipients (device_like) WHERE enabled AND device_id IS NULL;

-- Tells alert-digest whose cached recipients are out of date: one device for each notification, or all of them (an empty one) when
-- the change is of a pattern or of many devices.
CREATE OR REPLACE FUNCTION alert_recipients_notify() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  devices text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(device_id) INTO devices FROM (SELECT DISTINCT device_id FROM new_rows LIMIT 101) AS changed;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(device_id) INTO devices FROM (SELECT DISTINCT device_id FROM old_rows LIMIT 101) AS changed;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(device_id) INTO devices
      FROM (SELECT device_id FROM old_rows UNION SELECT device_id FROM new_rows LIMIT 101) AS changed;
  ELSE
    devices := ARRAY[NULL];
  END IF;
  IF devices IS NULL THEN
    RETURN NULL;
  END IF;
  IF array_position(devices, NULL) IS NOT NULL OR cardinality(devices) > 100 THEN
    devices := ARRAY[''];
  END IF;
  PERFORM pg_notify('alert_recipients', device) FROM unnest(devices) AS device;
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER alert_recipients_inserted AFTER INSERT ON alert_recipients
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION alert_recipients_notify();
CREATE OR REPLACE TRIGGER alert_recipients_updated AFTER UPDATE ON alert_recipients
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION alert_recipients_notify();
CREATE OR REPLACE TRIGGER alert_recipients_deleted AFTER DELETE ON alert_recipients
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION alert_recipients_notify();
CREATE OR REPLACE TRIGGER alert_recipients_emptied AFTER TRUNCATE ON alert_recipients
  FOR EACH STATEMENT EXECUTE FUNCTION alert_recipients_notify();

COMMIT;
