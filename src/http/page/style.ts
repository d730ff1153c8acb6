/**
 * The page's style sheet. All text has a contrast of at least 4.5:1 on its ground, in both schemes (WCAG 2.1 AA, 1.4.3);
 * no state is told by colour alone (1.4.1): each has a word, and a shape beside it.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f8; --card: #ffffff; --ink: #191d23; --muted: #57606b; --line: #dde2e8; --track: #e6eaef;
  --accent: #2457c5; --ok: #11663f; --ok-ground: #e3f4ea; --watch: #7a4a00; --watch-ground: #fff2d8;
  --bad: #a11d18; --bad-ground: #fdeae8; --unknown-ground: #e8ebef; --shadow: 0 1px 2px #1018280f, 0 1px 3px #10182814;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #181c22; --ink: #e7eaee; --muted: #a2abb6; --line: #2b323b; --track: #2a3039;
    --accent: #8db4ff; --ok: #66d6a0; --ok-ground: #11291d; --watch: #f3bd5c; --watch-ground: #2d230d;
    --bad: #ff9087; --bad-ground: #371714; --unknown-ground: #232930; --shadow: none;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
:lang(ko) { word-break: keep-all; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 17px; letter-spacing: -.01em; }
h2 { font-size: 15px; font-weight: 650; }
h3 { font-size: 15px; font-weight: 650; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.muted, .small, .none, footer { color: var(--muted); font-size: 13px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 1; border-radius: 8px; }
.skip:focus { top: .5rem; }
.top, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 clamp(.75rem, 2.5vw, 2rem); }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding-top: .9rem; padding-bottom: .9rem; }
.live { margin-left: auto; color: var(--muted); font-size: 13px; display: flex; align-items: center; gap: .4rem; }
.live .sign::before { content: ""; display: block; width: .55rem; height: .55rem; border-radius: 50%; background: var(--ok); }
body:not([data-connection="live"]) .live .sign { display: none; }
.languages { display: flex; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--card); }
.languages button {
  font: inherit; font-size: 13px; padding: .3rem .7rem; min-height: 28px; border: 0; background: none; color: var(--muted); cursor: pointer;
}
.languages button[aria-pressed="true"] { background: var(--track); color: var(--ink); font-weight: 600; }
.languages button:focus-visible { outline-offset: -2px; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.1rem; }
main > section > header, .list > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .75rem; margin-bottom: .55rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); padding: .9rem 1rem; }

#verdict { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 1rem; align-items: start; padding: 1.1rem 1.25rem; border-radius: 14px; border: 1px solid; }
#verdict > .sign { width: 2.6rem; height: 2.6rem; display: grid; place-items: center; font-size: 1.4rem; font-weight: 800; line-height: 1; color: var(--card); background: var(--level); }
#headline { font-size: clamp(1.2rem, 1rem + 1.2vw, 1.7rem); font-weight: 700; line-height: 1.25; letter-spacing: -.015em; min-height: 1.25em; }
#detail { color: var(--ink); margin-top: .15rem; }
#others { list-style: none; margin-top: .6rem; padding-top: .6rem; border-top: 1px solid; display: grid; gap: .3rem; color: var(--ink); font-size: 14px; }
#others li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .55rem; }
#others strong::after { content: "."; }
#others .sign::before { content: "▲"; font-size: 11px; }
#verdict[data-level="ok"] { --level: var(--ok); color: var(--level); background: var(--ok-ground); }
#verdict[data-level="watch"] { --level: var(--watch); color: var(--level); background: var(--watch-ground); }
#verdict[data-level="bad"] { --level: var(--bad); color: var(--level); background: var(--bad-ground); }
#verdict[data-level="unknown"] { --level: var(--muted); color: var(--level); background: var(--unknown-ground); }
#verdict[data-level="ok"] > .sign { border-radius: 50%; } #verdict[data-level="ok"] > .sign::before { content: "✓"; }
#verdict[data-level="watch"] > .sign { border-radius: 8px; } #verdict[data-level="watch"] > .sign::before { content: "!"; }
#verdict[data-level="bad"] > .sign { clip-path: polygon(30% 0, 70% 0, 100% 30%, 100% 70%, 70% 100%, 30% 100%, 0 70%, 0 30%); }
#verdict[data-level="bad"] > .sign::before { content: "✕"; }
#verdict[data-level="unknown"] > .sign { border-radius: 50%; } #verdict[data-level="unknown"] > .sign::before { content: "…"; }

.pipeline { list-style: none; display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 1.1rem; }
.pipeline li { position: relative; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); padding: .75rem .95rem; }
.pipeline li + li::before { content: "›"; position: absolute; left: -1.1rem; width: 1.1rem; top: 50%; translate: 0 -50%; text-align: center; color: var(--muted); font-size: 1.2rem; }
.pipeline li:last-child::before { content: ""; }
.pipeline h3 { font-size: 13px; font-weight: 500; color: var(--muted); }
.figure { font-size: clamp(1.35rem, 1rem + 1.3vw, 1.9rem); font-weight: 680; letter-spacing: -.02em; line-height: 1.2; }
.pipeline li[data-level="bad"] { border-color: var(--bad); background: var(--bad-ground); }
.pipeline li[data-level="watch"] { border-color: var(--watch); background: var(--watch-ground); }
.pipeline li[data-level="bad"] .figure, .pipeline li[data-level="bad"] .muted { color: var(--bad); }
.pipeline li[data-level="watch"] .figure, .pipeline li[data-level="watch"] .muted { color: var(--watch); }
.pipeline li[data-level] .figure::after { content: " ▲"; font-size: .5em; vertical-align: .35em; }

.instances { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.1rem; align-items: start; }
.instance > header { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .6rem; }
.instance > header .muted { flex-basis: 100%; }
.chip { font-size: 12px; font-weight: 600; padding: .1rem .5rem; border-radius: 99px; background: var(--track); color: var(--ink); }
.chip[data-level="bad"] { background: var(--bad-ground); color: var(--bad); }
.chip[data-level="bad"]::before { content: "✕ "; }
.trouble { color: var(--bad); font-size: 14px; }
.instance > .trouble { margin-top: .35rem; }
p.card.trouble { margin-bottom: .8rem; border-color: var(--bad); background: var(--bad-ground); }
.trouble::before { content: "▲ "; font-size: 11px; }
.instance dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .3rem .8rem; margin: .65rem 0; font-size: 13.5px; }
.instance dt { color: var(--muted); }
.smtp .sign::before { content: "●"; color: var(--ok); margin-right: .35rem; font-size: 11px; }
.smtp[data-level="bad"] { color: var(--bad); font-weight: 600; }
.smtp[data-level="bad"] .sign::before { content: "✕"; color: inherit; }
.count { font-size: 13px; color: var(--muted); border-top: 1px solid var(--line); padding-top: .55rem; }
.instance[data-gone] { border-style: dashed; border-color: var(--bad); }
.instance[data-gone] table, .instance[data-gone] dl { filter: grayscale(1); }
.bar { display: block; height: 6px; border-radius: 3px; background: var(--track); overflow: hidden; margin-top: .3rem; }
.fill { display: block; height: 100%; width: 100%; background: var(--accent); transform: scaleX(0); transform-origin: left; }
.bar[data-level="bad"] .fill { background: var(--bad); }

table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; vertical-align: top; font-weight: 400; padding: .38rem .5rem .38rem 0; border-top: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 12.5px; overflow-wrap: normal; border-top: 0; padding-top: .2rem; padding-bottom: .25rem; }
.number { text-align: right; white-space: nowrap; }
th.number, td.number { padding-left: .5rem; padding-right: .8rem; }
td.number:last-child, th.number:last-child { padding-right: 0; }
.small { display: block; }
.partitions td, .partitions th { padding-top: .22rem; padding-bottom: .22rem; font-size: 13.5px; }
.partitions thead th { font-size: 12.5px; }
.state .sign::before { display: inline-block; min-width: 1.15em; font-size: 11px; white-space: nowrap; }
.state[data-state="current"] .sign::before { content: "●"; color: var(--ok); }
.state[data-state="loading"] .sign::before { content: "◌"; color: var(--muted); }
.state[data-state="paused"] { color: var(--watch); font-weight: 600; } .state[data-state="paused"] .sign::before { content: "❚❚"; letter-spacing: -.1em; margin-right: .35em; }
.state[data-state="late"] { color: var(--bad); font-weight: 600; } .state[data-state="late"] .sign::before { content: "▲"; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.1rem; align-items: start; }
.device { min-width: 6rem; }
.device .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-weight: 550; }
.device .small, .outcome .small { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.tag { display: block; font-size: 12px; font-weight: 600; color: var(--bad); }
.tag::before { content: "◆ "; }
.left { width: 34%; min-width: 5.5rem; }
.time { width: 1px; padding-right: .9rem; white-space: nowrap; color: var(--muted); }
.word { font-weight: 550; }
.outcome { width: 34%; }
.outcome .sign::before { display: inline-block; width: 1.3em; font-weight: 700; }
[data-outcome="accepted"] .word, [data-outcome="accepted"] .sign { color: var(--ok); } [data-outcome="accepted"] .sign::before { content: "✓"; }
[data-outcome="dead_lettered"] .word, [data-outcome="dead_lettered"] .sign, [data-outcome="refused"] .word, [data-outcome="refused"] .sign { color: var(--bad); }
[data-outcome="dead_lettered"] .sign::before { content: "✕"; } [data-outcome="refused"] .sign::before { content: "⊘"; }
[data-outcome="deferred"] .word, [data-outcome="deferred"] .sign, [data-outcome="unreachable"] .word, [data-outcome="unreachable"] .sign,
[data-outcome="ambiguous"] .word, [data-outcome="ambiguous"] .sign, [data-outcome="presumed"] .word, [data-outcome="presumed"] .sign { color: var(--watch); }
[data-outcome="deferred"] .sign::before { content: "↻"; } [data-outcome="unreachable"] .sign::before { content: "‖"; } [data-outcome="ambiguous"] .sign::before, [data-outcome="presumed"] .sign::before { content: "?"; }
.none { padding: .3rem 0; }
footer { padding-top: 1.2rem; padding-bottom: 2rem; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between; }

body[data-connection="lost"] main > :not(#verdict) { filter: grayscale(1); }
body[data-connection="lost"] main > :not(#verdict) .card, body[data-connection="lost"] .pipeline li { background: var(--unknown-ground); box-shadow: none; border-style: dashed; }

@media (max-width: 62rem) {
  .pipeline { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .7rem; }
  .pipeline li + li::before { content: none; }
}
@media (max-width: 30rem) {
  #verdict { padding: .9rem; gap: .75rem; }
  #verdict > .sign { width: 2rem; height: 2rem; font-size: 1.1rem; }
  .pipeline { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .pipeline li:last-child { grid-column: 1 / -1; }
  .card { padding: .75rem .7rem; }
  .device { min-width: 0; }
  .live { margin-left: 0; }
  .partitions thead .number { white-space: normal; }
  /* Too narrow for four columns: device and time above, what became of it and how many below; the titles likewise. */
  :is(#mails, #dead-letters), :is(#mails, #dead-letters) :is(thead, tbody) { display: block; }
  :is(#mails, #dead-letters) tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: .75rem; border-top: 1px solid var(--line); padding: .4rem 0; }
  :is(#mails, #dead-letters) thead tr { border-top: 0; }
  :is(#mails, #dead-letters) tr > * { border: 0; padding: 0 !important; width: auto; }
  :is(#mails, #dead-letters) tr > :nth-child(1) { grid-area: 1 / 2; text-align: right; }
  :is(#mails, #dead-letters) tr > :nth-child(2) { grid-area: 1 / 1; }
  #mails tr > :nth-child(3) { grid-area: 2 / 2; }
  #mails tr > :nth-child(4) { grid-area: 2 / 1; }
  #dead-letters tr > :nth-child(3) { grid-area: 2 / 1 / 3 / 3; }
  .languages { margin-left: auto; }
}
@media (prefers-reduced-motion: no-preference) {
  .fill { transition: transform 1s linear; }
  tr.new { animation: arrive 1.6s ease-out; }
  @keyframes arrive { from { background: var(--unknown-ground); } to { background: transparent; } }
}
@media (forced-colors: active) {
  .fill { background: Highlight; forced-color-adjust: none; }
  #verdict, .card, .pipeline li { border-color: CanvasText; }
}
`;
