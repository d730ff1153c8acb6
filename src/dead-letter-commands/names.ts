export interface Output {
  out(text: string | Buffer): void;
  /** One line, without its end. */
  error(line: string): void;
}

export interface Names {
  readonly alertsTopic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
}
