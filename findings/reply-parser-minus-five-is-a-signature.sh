#!/usr/bin/env bash
# email-reply-parser 0.5.12 (PyPI).
#
# Somebody answers the mail of an alert, and a program notes the answer at the alert: `parse_reply` takes off what is quoted below it, and the
# signature. A signature begins with a line of two hyphens and a space (RFC 3676, 4.3), as mail programs write it. Expected: what was typed stays.
# Seen: after an empty line any line that begins with a hyphen and a letter or digit begins a signature. "-5 degrees at the pump" is cut off with
# all that follows it, and so is a list of what was done. A line "To: the night shift" or "From: 14:00 on" is taken for the head of a quoted
# mail, and an answer that begins so is empty. A real signature stays when no empty line stands before it. No error comes, and the text that is left
# reads as a whole answer. `EmailReplyParser.read(text).fragments` has all parts: keep the whole text beside the cut one.
#
# Output seen:
#   'Checked.\n\n-5 degrees at the pump.\n\nPump 2 is off.' becomes 'Checked.'
#   'Checked.\n\n5 degrees at the pump.\n\nPump 2 is off.' becomes 'Checked.\n\n5 degrees at the pump.\n\nPump 2 is off.'
#   'Done:\n\n-valve 3 closed\n-pump 2 off' becomes 'Done:'
#   'To: the night shift\nDo not start pump 2.' becomes ''
#   'Pump 2 is off.\n-- \nKim' becomes 'Pump 2 is off.\n-- \nKim'
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install email-reply-parser==0.5.12
cat >show.py <<'PY'
from email_reply_parser import EmailReplyParser

answers = (
    "Checked.\n\n-5 degrees at the pump.\n\nPump 2 is off.",
    "Checked.\n\n5 degrees at the pump.\n\nPump 2 is off.",
    "Done:\n\n-valve 3 closed\n-pump 2 off",
    "To: the night shift\nDo not start pump 2.",
    "Pump 2 is off.\n-- \nKim",
)
for answer in answers:
    print(f"{answer!r} becomes {EmailReplyParser.parse_reply(answer)!r}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
'Checked.\n\n-5 degrees at the pump.\n\nPump 2 is off.' becomes 'Checked.'
'Checked.\n\n5 degrees at the pump.\n\nPump 2 is off.' becomes 'Checked.\n\n5 degrees at the pump.\n\nPump 2 is off.'
'Done:\n\n-valve 3 closed\n-pump 2 off' becomes 'Done:'
'To: the night shift\nDo not start pump 2.' becomes ''
'Pump 2 is off.\n-- \nKim' becomes 'Pump 2 is off.\n-- \nKim'
TXT
cmp -s seen expected
