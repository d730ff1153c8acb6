/** The live page in a real Chromium: what it says, that it keeps up, and that nothing an alert says becomes more than text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, PATIENCE_OF_PAGE_MS, until } from "./support/browser.js";
import {
  deadLetterStatus,
  groupStatus,
  instanceStatus,
  mailStatus,
  partitionStatus,
  windowStatus,
} from "./support/group-status.js";
import { servePage } from "./support/page-server.js";

test("the page shows the verdict, every instance and partition, windows, mails and dead letters", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  await page.getByText("Every alert is being emailed on time").waitFor();
  assert.match(await page.title(), /^✓ Every alert is being emailed on time/);
  assert.equal(await page.locator("#verdict").getAttribute("data-level"), "ok");
  assert.equal(await page.locator(".instance").count(), 3);
  assert.equal(await page.locator(".partitions tbody tr").count(), 12);
  const window = page.locator("#windows-rows tr").first();
  assert.match(await window.innerText(), /3층 서버실 온도계[\s\S]*412[\s\S]*critical[\s\S]*12 s left/);
  const mail = page.locator("#mails-rows tr").first();
  assert.match(await mail.innerText(), /지하 1층 배수 펌프[\s\S]*3[\s\S]*Sent[\s\S]*in 84 ms/);
  assert.match(
    await page.locator("#dead-letters").innerText(),
    /gw-incheon-115[\s\S]*3\/17[\s\S]*decode: not-json[\s\S]*Unexpected token/,
  );
  assert.equal(await page.locator("#dead-letters .position code").textContent(), "3/17");
  assert.equal(await page.locator("#tile-filling-number").innerText(), "207");
  assert.match(await page.locator("#tile-waiting-note").innerText(), /^oldest waiting 18 s · 12 held, nothing new$/);
});

test("new events change the page in place: rows that stay are the same elements", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  const row = page.locator("#mails-rows tr").first();
  await row.waitFor();
  await page.evaluate("document.querySelector('#mails-rows tr').marked = true; document.body.marked = true");
  const [first, ...others] = groupStatus().instances;
  assert.ok(first);
  const late = mailStatus(0, {
    at: new Date(Date.parse(groupStatus().time)).toISOString(),
    deviceName: "Just mailed",
    outcome: "unreachable",
    messageId: "<new@example.com>",
  });
  const smtp = { ...first.smtp, circuitOpen: true, circuitSince: "2026-11-22T05:19:00.000Z" };
  server.tell(groupStatus({ instances: [{ ...first, smtp, mails: [late, ...first.mails] }, ...others] }));
  await page.getByText(/The mail server has been unreachable since/).waitFor();
  assert.equal(await page.locator("#verdict").getAttribute("data-level"), "bad");
  assert.match(await page.locator("#detail").innerText(), /nothing is lost/);
  assert.match(await row.innerText(), /Just mailed[\s\S]*Unreachable/);
  assert.match(await page.locator(".instance").first().innerText(), /Unreachable since/);
  assert.deepEqual(
    await page.evaluate("[document.body.marked, document.querySelectorAll('#mails-rows tr')[1].marked]"),
    [true, true],
  );
});

test("a mail server: not tried yet, reachable since, and a wrong password by its name, in both languages", async (t) => {
  const [first, second, third] = groupStatus().instances;
  assert.ok(first && second && third);
  const away = { circuitOpen: true, reachable: false, trouble: { kind: "password", said: "535 no" } };
  const instances = [
    { ...first, smtp: { ...first.smtp, reachable: null, since: null } },
    second,
    { ...third, smtp: { ...third.smtp, ...away } },
  ];
  const server = await servePage(t, groupStatus({ instances }));
  const { page } = await openPage(t, server.url);
  await page.getByText("The mail server mail.example.com:587 does not take the login").waitFor();
  assert.match(await page.locator("#detail").innerText(), /Correct the user or password in SMTP_URL.*535 no/);
  const cards = (): Promise<string[]> => page.locator(".instance .smtp").allInnerTexts();
  const [one, two, three] = await cards();
  assert.match(one ?? "", /Not tried yet/);
  assert.match(two ?? "", /Reachable since .*1 of 8 busy/);
  assert.match(three ?? "", /Unreachable since .*: login refused/);
  await page.getByRole("button", { name: /한국어/ }).click();
  await page.getByText("메일 서버가 로그인을 거부합니다: mail.example.com:587").waitFor();
  assert.match((await cards())[0] ?? "", /아직 확인하지 않음/);
});

test("what is wrong comes first and says where it waits; consequences follow", async (t) => {
  const missing = instanceStatus(2, { ageSeconds: 17 });
  const slow = instanceStatus(1, {
    partitions: [
      partitionStatus({ partition: 4, lagSeconds: 75, position: 184_000 }),
      partitionStatus({ partition: 5, paused: ["buffer"] }),
    ],
    deadLetters: [deadLetterStatus({ at: groupStatus().time })],
  });
  const server = await servePage(t, groupStatus({ instances: [instanceStatus(0), slow, missing] }));
  const { page } = await openPage(t, server.url);
  await page.getByText("Alerts have been waiting for more than 42 s").waitFor();
  const detail = await page.locator("#detail").innerText();
  assert.match(detail, /\(partition 4, digest-7c9f-8vd4m\) has waited for 75 s/);
  assert.match(detail, /Waiting in Kafka/);
  assert.match(
    await page.locator("#others").innerText(),
    /No response from digest-7c9f-rw6zn[\s\S]*1 dead letter in the last hour/,
  );
  assert.match(await page.locator(".instance").nth(1).innerText(), /Late[\s\S]*Paused: buffer full/);
  assert.match(await page.locator("#unowned").innerText(), /6–11/);
  const unread = page.locator("#tile-unread");
  assert.equal(await unread.getAttribute("data-level"), "bad");
  // Late, but all is read: not in Kafka.
  const read = instanceStatus(1, { partitions: [partitionStatus({ lagSeconds: 75 })] });
  server.tell(groupStatus({ instances: [instanceStatus(0), read, missing] }));
  await page.locator("#tile-unread:not([data-level])").waitFor();
  assert.match(await page.locator("#headline").innerText(), /Alerts have been waiting for more than 42 s/);
});

test("with the server gone the page says since when and greys what is old; it comes back by itself", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  await page.getByText("Every alert is being emailed on time").waitFor();
  await server.stop();
  await page.clock.fastForward(PATIENCE_OF_PAGE_MS);
  await page.getByText(/Connection lost at \d\d:\d\d:\d\d/).waitFor();
  assert.equal(await page.locator("body").getAttribute("data-connection"), "lost");
  assert.match(String(await page.evaluate("getComputedStyle(document.querySelector('.columns')).filter")), /grayscale/);
  const [first, ...others] = groupStatus().instances;
  assert.ok(first);
  server.tell(groupStatus({ instances: [{ ...first, host: "after-restart" }, ...others] }));
  await server.start();
  await page.locator(".instance bdi", { hasText: "after-restart" }).waitFor();
  await page.getByText("Every alert is being emailed on time").waitFor();
  assert.equal(await page.locator("body").getAttribute("data-connection"), "live");
});

test("an answer that is no event stream is no end: it is asked again", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url);
  await page.locator("body[data-connection=live]").waitFor();
  server.refuse(503);
  await page.clock.fastForward(PATIENCE_OF_PAGE_MS);
  await page.locator("body[data-connection=lost]").waitFor();
  server.refuse(undefined);
  await page.clock.fastForward(PATIENCE_OF_PAGE_MS);
  await page.locator("body[data-connection=live]").waitFor();
});

test("whatever alerts, servers and topics say stays text", async (t) => {
  const evil = `<img src=x onerror="alert(1)"><script>alert(2)</script>"'><svg/onload=alert(3)>&lt;b&gt; javascript:alert(4) {{7*7}} \u202Egnp`;
  const smtp = {
    ...instanceStatus(0).smtp,
    circuitOpen: true,
    host: evil,
    trouble: { kind: "certificate", said: evil },
    lastFailure: { at: "2026-11-22T05:19:00.000Z", phase: evil, reason: evil, reply: evil },
  };
  const server = await servePage(
    t,
    groupStatus({
      group: evil,
      topic: evil,
      instances: [
        instanceStatus(0, {
          host: evil,
          version: evil,
          notReady: evil,
          smtp,
          partitions: [partitionStatus({ paused: [evil] })],
          windows: {
            open: 1,
            pending: 0,
            held: 0,
            oldestPendingAgeSeconds: 0,
            top: [windowStatus(0, { deviceId: evil, deviceName: evil })],
          },
          mails: [mailStatus(0, { deviceId: evil, deviceName: null, reason: evil, messageId: evil })],
          deadLetters: [deadLetterStatus({ deviceId: evil, detail: evil, stage: evil, reason: evil })],
        }),
      ],
    }),
  );
  const { page, faults } = await openPage(t, server.url);
  const row = page.locator("#mails-rows tr");
  await row.waitFor();
  assert.equal(await row.locator(".name").textContent(), evil);
  assert.equal(await page.locator("#dead-letters .outcome .small").textContent(), evil);
  assert.equal(await page.locator("body img, body svg, body script, body b").count(), 0);
  assert.deepEqual(faults, []);
  // Not even a mistake could: the policy takes no string for markup.
  assert.match(
    String(
      await page.evaluate(
        "(() => { try { document.createElement('p').innerHTML = '<b>'; return 'taken'; } catch (error) { return error.name; } })()",
      ),
    ),
    /TypeError/,
  );
  assert.match(faults.pop() ?? "", /TrustedHTML/);
});

test("with 10,000 open windows, and lists that are far too long, the document stays small", async (t) => {
  const many = Array.from({ length: 1_500 }, (_, index) =>
    windowStatus(index, { deviceId: `device-${index}`, deviceName: null, alerts: index }),
  );
  const instances = [0, 1, 2].map((index) =>
    instanceStatus(index, {
      windows: {
        open: 10_000,
        pending: 0,
        held: 0,
        oldestPendingAgeSeconds: 0,
        top: many.slice(index * 500, index * 500 + 500),
      },
      partitions: Array.from({ length: 300 }, (_, partition) =>
        partitionStatus({ partition: index * 300 + partition }),
      ),
    }),
  );
  const server = await servePage(t, groupStatus({ partitionCount: 900, instances }));
  const { page } = await openPage(t, server.url);
  await page.locator("#windows-rows tr").first().waitFor();
  assert.equal(await page.locator("#windows-rows tr").count(), 20);
  assert.match(await page.locator("#windows-rows tr").first().innerText(), /device-1499/);
  assert.equal(await page.locator("#windows-count").innerText(), "20 of 30,000 open");
  assert.equal(await page.locator(".partitions tbody tr").count(), 300);
  const nodes = Number(await page.evaluate("document.querySelectorAll('*').length"));
  assert.ok(nodes < 5_000, `${nodes} elements`);
  // An event that tells nothing new touches nothing.
  await page.evaluate(`window.changes = 0;
    new MutationObserver((all) => { window.changes += all.length; }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    new EventSource("api/events").addEventListener("message", () => { window.events = (window.events ?? 0) + 1; });`);
  await until(page, "window.events >= 3");
  assert.equal(await page.evaluate("window.changes"), 0);
});

test("the language is the browser's, ?lang= goes before it, and what is chosen is remembered", async (t) => {
  const server = await servePage(t);
  const { page } = await openPage(t, server.url, { locale: "ko-KR" });
  await page.getByText("모든 알림을 제때 메일로 보내고 있습니다").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ko");
  await page.getByRole("button", { name: "English" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Every alert is being emailed on time").waitFor();
  await page.reload();
  await page.getByText("Every alert is being emailed on time").waitFor();
  assert.equal(await page.getByRole("button", { name: "English" }).getAttribute("aria-pressed"), "true");
  await page.goto(`${server.url}?lang=ko`);
  await page.getByText("집계 중인 구간", { exact: true }).waitFor();
  assert.match(await page.locator("#tile-waiting-note").innerText(), /^최장 18초 대기 · 새 내용 없어 보류 12개$/);
});

test("an instance that the group does not know is named as such, in both languages; the others are not", async (t) => {
  const invented = instanceStatus(2, { isMember: false });
  const server = await servePage(t, groupStatus({ instances: [instanceStatus(0), instanceStatus(1), invented] }));
  const { page } = await openPage(t, server.url);
  const chip = page.getByText("Not a member of the group");
  await chip.waitFor();
  assert.equal(await page.locator(".instance", { has: chip }).count(), 1);
  assert.equal(await page.locator(".instance").nth(2).getByText("Not a member of the group").isVisible(), true);
  await page.getByRole("button", { name: /한국어/ }).click();
  await page.getByText("컨슈머 그룹의 멤버 아님").waitFor();
});

test("an instance that cannot know the others says so, and vouches for its own partitions only", async (t) => {
  const server = await servePage(t, groupStatus({ sharing: "off", instances: [instanceStatus(0)] }));
  const { page } = await openPage(t, server.url);
  await page.getByText("Every alert of this instance's partitions (4) is being emailed on time").waitFor();
  assert.match(await page.locator("#sharing-note").innerText(), /KAFKA_STATUS_TOPIC/);
  assert.equal(await page.locator("#unowned").isVisible(), false);
});

test("after a restart the page does not say that there are none: it says since when it knows, and what was before", async (t) => {
  const start = "2026-11-22T05:15:00.000Z";
  const fresh = instanceStatus(0, { startedAt: start, deadLetters: [], deadLettersSince: start });
  const server = await servePage(t, groupStatus({ instances: [fresh] }));
  const { page } = await openPage(t, server.url);
  const section = page.locator("section", { has: page.locator("#dead-letters") });
  await section.getByText(/Known since .*\d\d:15:00/).waitFor();
  assert.match(await section.innerText(), /None in that time/);
  assert.match(await page.locator("#tile-dead-note").innerText(), /^0 since .*\d\d:15:00$/);
  const letters = Array.from({ length: 18 }, (_, index) =>
    deadLetterStatus({ at: "2026-11-22T05:10:00.000Z", position: `0/${index}`, offset: index }),
  );
  const read = { deadLetters: letters, deadLettersBefore: 18, deadLettersSince: "2026-11-22T04:15:00.000Z" };
  server.tell(groupStatus({ instances: [{ ...fresh, ...read }] }));
  await page.getByText("18 dead letters in the last hour").waitFor();
  assert.equal(await page.locator("#tile-dead-number").innerText(), "18");
  assert.equal(await page.locator("#dead-letters-rows tr").count(), 18);
});

test("a recipients database that is away and old routes are told", async (t) => {
  const away = instanceStatus(0, { recipientsDatabase: { up: false, waiting: 3 }, routesStale: true });
  const server = await servePage(t, groupStatus({ instances: [away] }));
  const { page } = await openPage(t, server.url);
  await page.getByText("The recipients database is away: 3 emails wait to know who gets them").waitFor();
  assert.equal(await page.locator("#verdict").getAttribute("data-level"), "bad");
  assert.match(await page.locator("#others").innerText(), /The routes file is broken or gone/);
  server.tell(groupStatus({ instances: [{ ...away, recipientsDatabase: { up: false, waiting: 0 } }] }));
  await page.locator("#verdict[data-level=watch]").waitFor();
});

test("from what needs a person a link leads to where the page shows more of it, in both languages", async (t) => {
  const [first, ...others] = groupStatus().instances;
  assert.ok(first);
  const at = groupStatus().time;
  const smtp = { ...first.smtp, circuitOpen: true, circuitSince: at };
  const letters = { deadLetters: [deadLetterStatus({ at })], deadLettersSince: "2026-11-22T00:00:00.000Z" };
  const server = await servePage(t, groupStatus({ instances: [{ ...first, smtp, ...letters }, ...others] }));
  const { page } = await openPage(t, server.url);
  const jump = page.locator("#jump-link");
  await page.getByText(/The mail server has been unreachable since/).waitFor();
  assert.equal(await jump.innerText(), "Go to: Instances and their partitions");
  const other = page.locator("#others a:visible");
  assert.equal(await other.innerText(), "Go to: Dead letters");
  await other.click();
  await until(page, "document.querySelector('#dead-letters-title').getBoundingClientRect().top < innerHeight");
  await page.locator("#language-ko").click();
  assert.equal(await jump.innerText(), "바로 가기: 인스턴스와 파티션");
  server.tell(groupStatus());
  await page.getByText("모든 알림을 제때 메일로 보내고 있습니다").waitFor();
  assert.equal(await jump.isVisible(), false);
});

test("the page says which routes mute how much, and what was not written as documented, in both languages", async (t) => {
  const [first, ...others] = groupStatus().instances;
  assert.ok(first);
  const { time: at } = groupStatus();
  const mutes = [
    { route: 3, name: "hall 2 <b>", how: "mute", alerts: 1_200, at },
    { route: 5, name: null, how: "report", alerts: 1, at },
  ] as const;
  const repairs = [{ field: "severity", count: 2 }];
  const server = await servePage(t, groupStatus({ instances: [{ ...first, mutes, repairs }, ...others] }));
  const { page } = await openPage(t, server.url);
  await page.getByText("Muted, nobody is emailed").waitFor();
  assert.match(
    await page.locator("#mutes").innerText(),
    /^Muted, nobody is emailed: route 3 \(hall 2 <b>\) 1,200 alerts, last at .*14:20:18; route 5 1 alert, last at .*14:20:18, in the daily report\.$/,
  );
  assert.match(await page.locator("#repairs").innerText(), /^Not written as documented: severity 2 times/);
  await page.locator("#language-ko").click();
  assert.match(
    await page.locator("#mutes").innerText(),
    /^음소거되어 메일을 보내지 않음: 수신 규칙 3번\(hall 2 <b>\) 알림 1,200건, 마지막 .*14:20:18; 수신 규칙 5번 알림 1건, 마지막 .*14:20:18, 일일 보고에 포함$/,
  );
  assert.match(await page.locator("#repairs").innerText(), /^문서와 다르게 쓰인 필드: severity 2회/);
});
