/** Alerts for a first look: one device, all severities, numbers and none, one that is over. */

const EN = [
  {
    second: 1,
    severity: "warning",
    type: "TEMPERATURE_HIGH",
    message: "Temperature above its warning limit",
    value: 31.4,
    threshold: 30,
    unit: "°C",
  },
  { second: 6, severity: "info", type: "HUMIDITY_LOW", message: "The air is dry", value: 18, threshold: 20, unit: "%" },
  {
    second: 11,
    severity: "critical",
    type: "TEMPERATURE_HIGH",
    message: "Temperature above its critical limit: check the cooling",
    value: 36.2,
    threshold: 35,
    unit: "°C",
  },
  { second: 19, severity: "critical", type: "CRAC_UNREACHABLE", message: "Air conditioner 2 does not answer" },
  { second: 27, severity: "info", type: "HUMIDITY_LOW", message: "Humidity is back to normal", status: "resolved" },
] as const;

const KO = [
  "온도가 경고 기준값을 넘었습니다",
  "습도가 낮습니다",
  "온도가 심각 기준값을 넘었습니다. 냉방 장치를 확인하십시오",
  "항온항습기 2호기가 응답하지 않습니다",
  "습도가 정상으로 돌아왔습니다",
] as const;

/** As in a file: JSON, one alert a line. */
export const sampleAlerts = (locale: string): Buffer =>
  Buffer.from(
    EN.map(({ second, message, ...fields }, index) =>
      JSON.stringify({
        deviceId: "srv-room-3f-temp",
        deviceName: locale === "ko" ? "3층 서버실 온도계" : "Server room 3F",
        message: locale === "ko" ? KO[index] : message,
        ...fields,
        occurredAt: `2026-11-21T00:00:${String(second).padStart(2, "0")}Z`,
        labels: { site: "busan-2" },
      }),
    ).join("\n"),
  );
