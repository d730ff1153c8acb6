/** Alerts as devices send them, of one size. Half of the devices speak Korean, half English. */

export const ALERT_BYTES = 260;

export interface AlertSource {
  /** The key and the value of alert number `serial`, of device number `device`. */
  alert(serial: number, device: number): { readonly deviceId: string; readonly value: Buffer };
}

const TYPES = ["TEMPERATURE_HIGH", "PRESSURE_LOW", "VIBRATION_HIGH"] as const;
const SEVERITIES = ["info", "warning", "critical"] as const;
const MESSAGES = ["냉각수 온도 높음", "Coolant is too hot"] as const;

/** `occurredAt` counts one millisecond an alert from `startMs` on. */
export function createAlertSource(startMs: number): AlertSource {
  const start = startMs;
  return {
    alert(serial, device) {
      const deviceId = deviceIdOf(device);
      const alert = {
        deviceId,
        deviceName: device % 2 === 0 ? `부산 ${device}호기` : `Busan line ${device}`,
        severity: SEVERITIES[serial % 3],
        type: TYPES[device % 3],
        message: MESSAGES[device % 2] ?? "",
        value: 80 + (serial % 50) / 10,
        threshold: 80,
        unit: "°C",
        labels: { site: "busan-2" },
        occurredAt: new Date(start + serial).toISOString(),
      };
      const room = ALERT_BYTES - Buffer.byteLength(JSON.stringify(alert));
      alert.message += room > 0 ? " ".padEnd(room, ".") : "";
      return { deviceId, value: Buffer.from(JSON.stringify(alert)) };
    },
  };
}

export const deviceIdOf = (device: number): string => `device-${String(device).padStart(6, "0")}`;
