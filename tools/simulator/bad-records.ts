/** Records that no alert can be read from, as real producers write them; and the tombstone, which is none of the two. */
export type BadRecord =
  | { readonly kind: "bad"; readonly what: string; readonly key: string | null; readonly value: Buffer }
  | { readonly kind: "tombstone"; readonly key: string };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const BAD_RECORDS: readonly BadRecord[] = [
  {
    kind: "bad",
    what: "JSON cut off in the middle",
    key: "jeju-gateway-900",
    value: Buffer.from('{"deviceId":"jeju-gateway-900","message":"게이트웨이 재시작'),
  },
  {
    kind: "bad",
    what: "key of another device",
    key: "busan-2-camera-901",
    value: json({ deviceId: "busan-2-camera-902", message: "카메라 영상이 끊겼습니다" }),
  },
  { kind: "tombstone", key: "incheon-freezer-903" },
  {
    kind: "bad",
    what: "EUC-KR instead of UTF-8",
    key: "daejeon-rack-904",
    value: Buffer.concat([
      Buffer.from('{"deviceId":"daejeon-rack-904","message":"'),
      Buffer.from([0xbf, 0xc2, 0xb5, 0xb5]),
      Buffer.from('"}'),
    ]),
  },
  { kind: "bad", what: "no message", key: "austin-robot-905", value: json({ deviceId: "austin-robot-905" }) },
  { kind: "bad", what: "a list instead of an alert", key: "dublin-crac-906", value: json([1, 2, 3]) },
  { kind: "bad", what: "empty value", key: null, value: Buffer.alloc(0) },
];
