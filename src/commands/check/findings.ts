/** What was found of one thing that was tried. */
export type Finding =
  | { readonly ok: true; readonly subject: string; readonly detail: string }
  /** `advice`: what to do; empty where the problem says it. */
  | { readonly ok: false; readonly subject: string; readonly problem: string; readonly advice: string };

export const fine = (subject: string, detail: string): Finding => ({ ok: true, subject, detail });
export const wrong = (subject: string, problem: string, advice = ""): Finding => ({
  ok: false,
  subject,
  problem,
  advice,
});

/** One line. */
export const shown = (finding: Finding): string =>
  finding.ok
    ? `OK     ${finding.subject}: ${finding.detail}\n`
    : `WRONG  ${finding.subject}: ${oneLine(finding.problem)}${finding.advice === "" ? "" : `; ${finding.advice}`}\n`;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
