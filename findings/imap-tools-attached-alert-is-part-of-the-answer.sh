#!/usr/bin/env bash
# imap-tools 1.16.0 and mail-parser 4.8.0 (pip), Python 3.9 or newer.
#
# Somebody answers an alert with "ack boiler-7" and attaches the alert of another device, as a mail (`message/rfc822`, "forward as
# attachment"). A program reads the acknowledgement from the answer's text. RFC 2046, 5.2.1: such a part encloses a mail of its own.
# Expected: the text is what the person wrote, as Python's own `get_body` has it, and the mail is an attachment.
# Seen: imap-tools appends the attached mail's text to the answer's `text`, in the same line where the answer has no last line break,
# though the part says `Content-Disposition: attachment`, and though it lists it in `attachments`, too. mail-parser gives it as one
# more `text_plain`, like the parts of the answer itself. What the alert proposes ("to stop this, answer: ack pump-2") has been said by
# the person then, so two devices fall silent.
#
# Output seen:
#   get_body: 'ack boiler-7'
#   imap-tools: 'ack boiler-7To stop this, answer: ack pump-2', attachments message/rfc822
#   mail-parser: ['ack boiler-7', 'To stop this, answer: ack pump-2'], attachments message/rfc822
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check imap-tools==1.16.0 mail-parser==4.8.0
cat >show.py <<'END'
import email
import email.policy

import mailparser
from imap_tools import MailMessage

answer = "\r\n".join([
    "From: night-shift@example.org",
    "To: alerts@example.org",
    "Subject: Re: boiler-7 is hot",
    "Date: Thu, 03 Dec 2026 06:00:00 +0000",
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=x",
    "",
    "--x",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "ack boiler-7",
    "--x",
    "Content-Type: message/rfc822",
    "Content-Disposition: attachment; filename=pump-2.eml",
    "",
    "From: alerts@example.org",
    "Subject: pump-2 is dry",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "To stop this, answer: ack pump-2",
    "--x--",
    "",
]).encode()
with_policy = email.message_from_bytes(answer, policy=email.policy.default)
print(f"get_body: {with_policy.get_body().get_content()!r}")
message = MailMessage.from_bytes(answer)
print(f"imap-tools: {message.text!r}, attachments {' '.join(one.content_type for one in message.attachments)}")
mail = mailparser.parse_from_bytes(answer)
print(f"mail-parser: {mail.text_plain}, attachments {' '.join(one['mail_content_type'] for one in mail.attachments)}")
END
python/bin/python show.py | tee seen
diff seen - <<'END'
get_body: 'ack boiler-7'
imap-tools: 'ack boiler-7To stop this, answer: ack pump-2', attachments message/rfc822
mail-parser: ['ack boiler-7', 'To stop this, answer: ack pump-2'], attachments message/rfc822
END
