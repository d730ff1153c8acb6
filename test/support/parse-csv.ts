/** RFC 4180 read character by character, strictly: what is not such a file throws. Cells by row; the byte order mark is dropped. */
export function parseCsv(content: Uint8Array): string[][] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new Error("a quote is not closed");
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[at++];
        else break;
      }
      at++;
    } else {
      while (at < text.length && text[at] !== "," && text[at] !== "\r") {
        if (text[at] === '"' || text[at] === "\n") throw new Error(`a bare ${JSON.stringify(text[at])} at ${at}`);
        cell += text[at++];
      }
    }
    row.push(cell);
    if (text[at] === ",") {
      at++;
      if (at === text.length) throw new Error("the last line does not end");
    } else if (text.startsWith("\r\n", at)) {
      at += 2;
      rows.push(row);
      row = [];
    } else throw new Error(`neither a comma nor CRLF at ${at}`);
  }
  return rows;
}
