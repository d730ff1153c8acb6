/** As much of Markdown as the tests of the documents need: no nesting, no setext headings, no reference links. */

export interface Block {
  readonly kind: "heading" | "code" | "table" | "text" | "marks";
  /** Without `#`, list marks and fences; lines of one block are joined by a blank, those of code and tables by a line break. */
  readonly text: string;
  readonly line: number;
  /** Rank of a heading; 0 of other blocks. */
  readonly level: number;
}

const kindOf = (line: string): Block["kind"] => {
  if (/^#{1,6} /.test(line)) return "heading";
  if (line.trimStart().startsWith("|")) return "table";
  return /^\s*(<!--.*-->|---+)\s*$/.test(line) ? "marks" : "text";
};

const LIST_MARK = /^\s*([-*]|\d+\.) /;

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let fenced: { line: number; lines: string[] } | undefined;
  let joins = false;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (/^\s*```/.test(line)) {
      if (fenced === undefined) fenced = { line: index + 1, lines: [line.trim()] };
      else {
        blocks.push({ kind: "code", text: fenced.lines.join("\n"), line: fenced.line, level: 0 });
        fenced = undefined;
      }
      joins = false;
      continue;
    }
    if (fenced !== undefined) {
      fenced.lines.push(line);
      continue;
    }
    if (line.trim() === "") {
      joins = false;
      continue;
    }
    const kind = kindOf(line);
    const previous = blocks.at(-1);
    const goesOn = joins && previous?.kind === kind && (kind === "table" || (kind === "text" && !LIST_MARK.test(line)));
    const text = kind === "table" ? line.trim() : line.replace(LIST_MARK, "").replace(/^#+ /, "").trim();
    if (goesOn && previous !== undefined)
      blocks[blocks.length - 1] = { ...previous, text: previous.text + (kind === "table" ? "\n" : " ") + text };
    else blocks.push({ kind, text, line: index + 1, level: /^#+(?= )/.exec(line)?.[0].length ?? 0 });
    joins = kind !== "heading";
  }
  return blocks;
}

/** The cells of a table, row by row, without the row of dashes. */
export const cellsOf = (table: string): string[][] =>
  table
    .split("\n")
    .filter((row) => !/^\|[\s:|-]+\|$/.test(row) || /\w/.test(row))
    .map((row) =>
      row
        .replace(/^\|/, "")
        .replace(/\|$/, "")
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );

/** Prose as it is read: a piece of code is one word, a link is its text, an image is nothing. */
export const spoken = (text: string): string =>
  text
    .replaceAll(/`[^`]*`/g, "code")
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/<[^>]+>/g, " ");

export const sentencesOf = (text: string): string[] =>
  spoken(text)
    .split(/(?<=[.!?][)*"”_]*)\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");

export const wordsOf = (sentence: string): string[] =>
  sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));

/** Targets of links and pictures, outside code. */
export const linksOf = (markdown: string): string[] => {
  const text = blocksOf(markdown)
    .filter(({ kind }) => kind !== "code")
    .map((block) => block.text.replaceAll(/`[^`]*`/g, "code"))
    .join("\n");
  return [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, attribute]) => link ?? attribute ?? "",
  );
};

/** The anchors that GitHub gives the headings. */
export const anchorsOf = (markdown: string): Set<string> => {
  const anchors = new Set<string>();
  for (const { kind, text } of blocksOf(markdown)) {
    if (kind !== "heading") continue;
    const slug = text
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let twin = 1; anchors.has(anchor); twin++) anchor = `${slug}-${twin}`;
    anchors.add(anchor);
  }
  return anchors;
};
