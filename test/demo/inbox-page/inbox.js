// Everything from a mail is set as text; its HTML goes only into the sandboxed frame.

const REFRESH_MS = 1_000;

const byId = (id) => document.getElementById(id);
const list = byId("list");
const status = byId("status");
const filter = byId("filter");

let received = 0;
let alerts = 0;
let current;
let view = "html";

const timeOf = (ms) => new Date(ms).toLocaleTimeString(undefined, { hour12: false });

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
  button.append(
    span("subject", mail.subject),
    span("count", String(mail.count)),
    span("device", mail.deviceId),
    span("time", timeOf(mail.receivedAtMs)),
  );
  button.addEventListener("click", () => {
    location.hash = String(mail.id);
  });
  button.id = `mail-${mail.id}`;
  item.dataset.search = `${mail.subject} ${mail.deviceId}`.toLowerCase();
  item.append(button);
  return item;
};

const applyFilter = () => {
  const wanted = filter.value.trim().toLowerCase();
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
    if (received > 0) status.textContent = `${received} mails, ${alerts} alerts`;
    setTimeout(refresh, REFRESH_MS);
  } catch {
    status.textContent = `${received} mails, ${alerts} alerts · the demo has ended`;
    setTimeout(refresh, 5 * REFRESH_MS);
  }
};

for (const tab of byId("tabs").children) tab.addEventListener("click", () => show(tab.dataset.view));
filter.addEventListener("input", applyFilter);
addEventListener("hashchange", () => void open());
void refresh();
