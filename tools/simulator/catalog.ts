/** What the simulated devices are called and what they say. */

export type Language = "ko" | "en";

export interface DeviceKind {
  readonly slug: string;
  readonly type: string;
  readonly unit: string;
  readonly threshold: number;
  /** How far beyond the threshold a measurement lies, at most; negative where low is bad. */
  readonly span: number;
  readonly name: Readonly<Record<Language, string>>;
  /** What a Korean number of it ends with; absent: `호기`, a machine's. */
  readonly counter?: string;
  readonly firing: Readonly<Record<Language, (value: string, threshold: string) => string>>;
  readonly resolved: Readonly<Record<Language, string>>;
}

export const SITES: readonly {
  readonly slug: string;
  readonly language: Language;
  readonly name: Readonly<Record<Language, string>>;
}[] = [
  { slug: "busan-2", language: "ko", name: { ko: "부산 2공장", en: "Busan plant 2" } },
  { slug: "pyeongtaek", language: "ko", name: { ko: "평택 물류센터", en: "Pyeongtaek warehouse" } },
  { slug: "incheon", language: "ko", name: { ko: "인천 냉동창고", en: "Incheon cold store" } },
  { slug: "daejeon", language: "ko", name: { ko: "대전 데이터센터", en: "Daejeon data center" } },
  { slug: "jeju", language: "ko", name: { ko: "제주 풍력단지", en: "Jeju wind farm" } },
  { slug: "rotterdam", language: "en", name: { ko: "로테르담 냉동창고", en: "Rotterdam cold store" } },
  { slug: "dublin", language: "en", name: { ko: "더블린 데이터센터", en: "Dublin data hall" } },
  { slug: "austin", language: "en", name: { ko: "오스틴 공장", en: "Austin plant" } },
];

export const KINDS: readonly DeviceKind[] = [
  {
    slug: "freezer",
    type: "TEMPERATURE_HIGH",
    unit: "°C",
    threshold: -18,
    span: 9,
    name: { ko: "냉동고", en: "freezer" },
    firing: {
      ko: (value, threshold) => `냉동고 내부 온도가 ${value}까지 올랐습니다 (기준값 ${threshold})`,
      en: (value, threshold) => `Freezer has warmed up to ${value}, limit ${threshold}`,
    },
    resolved: { ko: "냉동고 온도가 정상 범위로 돌아왔습니다", en: "Freezer temperature is back to normal" },
  },
  {
    slug: "pump",
    type: "VIBRATION_HIGH",
    unit: "mm/s",
    threshold: 7.1,
    span: 5,
    name: { ko: "냉각수 펌프", en: "coolant pump" },
    firing: {
      ko: (value, threshold) => `펌프 진동이 ${value}로 기준값 ${threshold}를 넘었습니다. 베어링을 점검하십시오`,
      en: (value, threshold) => `Pump vibration ${value} is above ${threshold}; check the bearing`,
    },
    resolved: { ko: "펌프 진동이 안정되었습니다", en: "Pump vibration has settled" },
  },
  {
    slug: "ups",
    type: "BATTERY_LOW",
    unit: "%",
    threshold: 40,
    span: -32,
    name: { ko: "무정전 전원 장치(UPS)", en: "UPS" },
    firing: {
      ko: (value, threshold) => `배터리 잔량이 ${value}입니다 (기준값 ${threshold})`,
      en: (value, threshold) => `Battery is down to ${value}, limit ${threshold}`,
    },
    resolved: { ko: "상용 전원이 복구되어 충전 중입니다", en: "Mains power is back, charging" },
  },
  {
    slug: "compressor",
    type: "PRESSURE_HIGH",
    unit: "bar",
    threshold: 9.5,
    span: 3,
    name: { ko: "공기 압축기", en: "air compressor" },
    firing: {
      ko: (value, threshold) => `토출 압력 ${value}: 상한 ${threshold} 초과`,
      en: (value, threshold) => `Discharge pressure ${value} exceeds ${threshold}`,
    },
    resolved: { ko: "압력이 정상으로 내려왔습니다", en: "Pressure is normal again" },
  },
  {
    slug: "gate",
    type: "DOOR_OPEN",
    unit: "min",
    threshold: 5,
    span: 20,
    name: { ko: "출입문", en: "loading gate" },
    counter: "번",
    firing: {
      ko: (value, threshold) => `출입문이 ${value}째 열려 있습니다 (허용 ${threshold})`,
      en: (value, threshold) => `Gate has been open for ${value}, allowed ${threshold}`,
    },
    resolved: { ko: "출입문이 닫혔습니다", en: "Gate is closed" },
  },
];
