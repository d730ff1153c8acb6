// Everything from a mail is set as text; its HTML goes only into the sandboxed frame.

const REFRESH_MS = 1_000;

const grouped = (count) => count.toLocaleString(document.documentElement.lang);

const TEXTS = {
  en: {
    inbox: "Inbox",
    waiting: "waiting for the first window to end",
    filter: "Filter by device or subject",
    mails: "Emails",
    choose: "One email per device and window. Choose one.",
    none: "No email chosen",
    html: "HTML",
    text: "Text",
    headers: "Headers",
    frame: "The email's HTML",
    critical: "critical",
    warning: "warning",
    info: "info",
    status: (mails, alerts) =>
      `${grouped(mails)} ${mails === 1 ? "email" : "emails"}, ${grouped(alerts)} ${alerts === 1 ? "alert" : "alerts"}`,
    ended: "the demo has ended",
  },
  ko: {
    inbox: "받은 메일",
    waiting: "첫 집계 구간이 끝나기를 기다리는 중",
    filter: "장치나 제목으로 찾기",
    mails: "메일",
    choose: "장치와 집계 구간마다 메일 한 통입니다. 메일을 선택하십시오.",
    none: "선택한 메일 없음",
    html: "본문(HTML)",
    text: "본문(텍스트)",
    headers: "헤더",
    frame: "메일 본문(HTML)",
    critical: "심각",
    warning: "경고",
    info: "정보",
    status: (mails, alerts) => `메일 ${grouped(mails)}통, 알림 ${grouped(alerts)}건`,
    ended: "데모가 끝났습니다",
  },
};
const texts = TEXTS[document.documentElement.lang];

const byId = (id) => document.getElementById(id);
const list = byId("list");
const status = byId("status");
const filter = byId("filter");

let received = 0;
let alerts = 0;
let current;
let view = "html";

/** `hour12: false` would write the hour after midnight as 24. */
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", hourCycle: "h23" });
const timeOf = (ms) => clock.format(ms);

const span = (className, text) => {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
};

const row = (mail) => {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  const device = span("device", ` ${mail.deviceId}`);
  if (mail.severity) device.prepend(span(`severity ${mail.severity}`, texts[mail.severity]));
  button.append(
    span("subject", mail.subject),
    span("count", grouped(mail.count)),
    device,
    span("time", timeOf(mail.receivedAtMs)),
  );
  button.addEventListener("click", () => {
    location.hash = String(mail.id);
  });
  button.id = `mail-${mail.id}`;
  item.dataset.search = comparable(`${mail.subject} ${mail.deviceId}`);
  item.append(button);
  return item;
};

/** A device may compose its characters as a keyboard does not. */
const comparable = (text) => text.normalize("NFC").toLowerCase();

const applyFilter = () => {
  const wanted = comparable(filter.value.trim());
  for (const item of list.children) item.hidden = !item.dataset.search.includes(wanted);
};

const show = (name) => {
  view = name;
  for (const tab of byId("tabs").children) tab.setAttribute("aria-selected", String(tab.dataset.view === name));
  for (const each of ["html", "text", "headers"]) byId(`view-${each}`).hidden = each !== name;
};

/** The address names the open mail, so that it can be linked and reloaded. */
const open = async () => {
  const id = location.hash.slice(1);
  const button = byId(`mail-${id}`);
  if (!button || button === current) return;
  current?.removeAttribute("aria-current");
  current = button;
  current.setAttribute("aria-current", "true");
  const response = await fetch(`api/mails/${id}`);
  const mail = await response.json();
  // Another one was chosen meanwhile.
  if (current !== button) return;
  byId("subject").textContent = mail.subject;
  byId("envelope").textContent = `${mail.from} → ${mail.to.join(", ")} · ${timeOf(mail.receivedAtMs)}`;
  byId("view-html").src = `html/${id}`;
  byId("view-text").textContent = mail.text;
  const headers = mail.headers.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  });
  byId("view-headers").replaceChildren(...headers);
  byId("nothing").hidden = true;
  byId("opened").hidden = false;
  show(view === "html" && !mail.hasHtml ? "text" : view);
};

const refresh = async () => {
  try {
    let total;
    do {
      const response = await fetch(`api/mails?after=${received}`);
      const page = await response.json();
      total = page.total;
      received += page.mails.length;
      for (const mail of page.mails) {
        alerts += mail.count;
        list.prepend(row(mail));
      }
      if (page.mails.length === 0) break;
      applyFilter();
    } while (received < total);
    void open();
    if (received > 0) status.textContent = texts.status(received, alerts);
    setTimeout(refresh, REFRESH_MS);
  } catch {
    status.textContent = `${texts.status(received, alerts)} · ${texts.ended}`;
    setTimeout(refresh, 5 * REFRESH_MS);
  }
};

document.title = `${texts.inbox} · alert-digest`;
for (const element of document.querySelectorAll("[data-text]")) element.textContent = texts[element.dataset.text];
for (const element of document.querySelectorAll("[data-label]")) {
  element.setAttribute("aria-label", texts[element.dataset.label]);
  if (element === filter) element.placeholder = texts.filter;
}
for (const tab of byId("tabs").children) tab.addEventListener("click", () => show(tab.dataset.view));
filter.addEventListener("input", applyFilter);
addEventListener("hashchange", () => void open());
void refresh();
