#!/usr/bin/env bash
# nodemailer 10.6.1 (npm): `streamTransport`, and the same mail by SMTP to smtp-server 3.21.6.
#
# `streamTransport: true` builds a message without sending it, and `raw` sends a message that was built before: together they let a
# program write the mail down first and send the same bytes later. Expected: what the one transport builds is what the other sends.
# Seen: the SMTP transport leaves the Bcc header out, as everybody expects; the stream transport writes it into the message, and
# `raw` sends the bytes as they are: every reader of the mail sees who got a blind copy. MailComposer's `build()`, without a
# transport, leaves it out.
#
# Output seen:
#   a Bcc header: by SMTP no, MailComposer no, streamTransport yes, that one sent as raw yes
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund nodemailer@10.6.1 smtp-server@3.21.6
cat >show.js <<'END'
const { createTransport } = require("nodemailer")
const MailComposer = require("nodemailer/lib/mail-composer")
const { SMTPServer } = require("smtp-server")

const received = []
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onData: async (stream, session, accept) => {
    let text = ""
    for await (const chunk of stream) text += chunk
    received.push(text)
    accept()
  },
})
server.listen(0, "127.0.0.1", async () => {
  const mail = { from: "a@example.org", to: "b@example.org", bcc: "c@example.org", subject: "x", text: "x" }
  const smtp = createTransport({ host: "127.0.0.1", port: server.server.address().port })
  const stream = createTransport({ streamTransport: true, buffer: true })
  await smtp.sendMail(mail)
  const composed = await new MailComposer(mail).compile().build()
  const { message, envelope } = await stream.sendMail(mail)
  await smtp.sendMail({ raw: message, envelope })
  const answers = [received[0], composed, message, received[1]].map((text) => (/^Bcc: c@example\.org/im.test(String(text)) ? "yes" : "no"))
  console.log(
    `a Bcc header: by SMTP ${answers[0]}, MailComposer ${answers[1]}, ` +
      `streamTransport ${answers[2]}, that one sent as raw ${answers[3]}`,
  )
  process.exit(answers.join(" ") === "no no yes yes" ? 0 : 1)
})
END
node show.js
