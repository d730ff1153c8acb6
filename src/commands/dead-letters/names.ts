export interface Names {
  readonly alertsTopic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
}
