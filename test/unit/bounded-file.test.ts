import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readBounded, readBoundedSync } from "#src/bounded-file.js";

const directory = (t: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const READERS = {
  "at once": async (path: string, max?: number) => readBoundedSync(path, max),
  "beside others": readBounded,
};

for (const [how, read] of Object.entries(READERS)) {
  test(`a file is read to its end, ${how}: text outside ASCII is whole, however it lies on the chunks`, async (t) => {
    const path = join(directory(t), "file");
    const text = `x${"알림".repeat(40_000)}\n`;
    writeFileSync(path, text);
    assert.equal(await read(path), text);
  });

  test(`what an editor of Windows or PowerShell writes is the same text, ${how}: its byte order mark is no part of a password`, async (t) => {
    const path = join(directory(t), "file");
    const text = "p4ss-알림\r\n";
    const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");
    for (const bytes of [Buffer.from(`\ufeff${text}`), utf16, Buffer.from(utf16).swap16()]) {
      writeFileSync(path, bytes);
      assert.equal(await read(path), text);
    }
    writeFileSync(path, "");
    assert.equal(await read(path), "");
  });

  test(`a file that is as large as it may be is read, ${how}, and one byte more is refused`, async (t) => {
    const path = join(directory(t), "file");
    writeFileSync(path, "x".repeat(2_048));
    assert.equal((await read(path, 2_048)).length, 2_048);
    await assert.rejects(read(path, 2_047), { name: "FileTooLarge", code: "EFBIG" });
  });

  test(`a device without an end is refused, ${how}`, async () => {
    await assert.rejects(read("/dev/zero"), { message: "it has more than 16 MiB, or no end" });
    await assert.rejects(read("/dev/zero", 131_072), { message: "it has more than 128 KiB, or no end" });
  });

  test(`what the system says of a file keeps its code, ${how}`, async (t) => {
    await assert.rejects(read(join(directory(t), "missing")), { code: "ENOENT" });
    await assert.rejects(read(tmpdir()), { code: "EISDIR" });
  });
}

test("a pipe that nobody writes to does not hang whoever reads beside others", async (t) => {
  const path = join(directory(t), "pipe");
  execFileSync("mkfifo", [path]);
  assert.equal(await readBounded(path), "");
});
