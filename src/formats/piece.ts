/** Bytes that are written often, by words of four: what stands behind its end is written over. */
export interface Piece {
  readonly words: Int32Array;
  readonly length: number;
}

export const pieceOf = (content: string | Uint8Array): Piece => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const words = Int32Array.from({ length: padded.length / 4 }, (_, index) => padded.readInt32BE(index * 4));
  return { words, length: bytes.length };
};

/** Up to a field's value: `,"type":`; of a text also its first quote. The comma of the first field becomes the brace. */
export const fieldPiece = (name: string, isText: boolean): Piece => pieceOf(`,"${name}":${isText ? '"' : ""}`);

/** Fields of a form. */
export interface WrittenPart {
  readonly piece: Piece;
  /** Where in it the type stands; undefined: it has none. */
  readonly type: { readonly from: number; readonly to: number } | undefined;
}
