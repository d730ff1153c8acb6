import type { Addressing, Attachment, MailContent, MailRenderer, RenderedMail } from "./ports.js";

type Rendered = RenderedMail | Error;

/** The mail, or why there is none: at once where it is quick. Never throws, never rejects. */
export const renderedBy = (
  renderer: MailRenderer,
  content: MailContent,
  addressing: Addressing,
  attachment: Attachment | undefined,
): Rendered | Promise<Rendered> => {
  try {
    const mail =
      renderer.renderInTurns?.(content, addressing, attachment) ?? renderer.render(content, addressing, attachment);
    return mail instanceof Promise ? mail.catch((error: Error) => error) : mail;
  } catch (error) {
    return error as Error;
  }
};
