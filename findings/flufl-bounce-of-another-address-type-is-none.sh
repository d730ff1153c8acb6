#!/usr/bin/env bash
# flufl.bounce 6.0.0 (PyPI), Mailman's finder of bounces.
#
# A bounce names the recipient with the type of its address, "rfc822; boiler@example.org". RFC 6533 added a type for addresses beyond ASCII, "utf-8",
# with an ASCII form for bounces of the old kind, and a new kind of part, message/global-delivery-status, where "rfc822" is as good.
# Expected: a permanent failure of the recipient, in each. Seen: the library knows the old type in the old kind of part, and nothing else.
# It returns two empty sets, just as for a mail that is no bounce, even where the address is plain ASCII. So an address that is gone, behind a
# server that sends the new kind, never counts as gone, and gets each mail again. Look for the new kind and type yourself when both sets are empty.
#
# Output seen:
#   message/delivery-status, rfc822; boiler@example.org: boiler@example.org has failed
#   message/delivery-status, utf-8; b\x{F6}iler@example.org: no bounce
#   message/delivery-status, utf-8; boiler@example.org: no bounce
#   message/global-delivery-status, utf-8; böiler@example.org: no bounce
#   message/global-delivery-status, rfc822; boiler@example.org: no bounce
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install flufl.bounce==6.0.0
cat >show.py <<'PY'
from email import message_from_bytes

from flufl.bounce import all_failures

for kind, recipient in [
    ("delivery-status", "rfc822; boiler@example.org"),
    ("delivery-status", "utf-8; b\\x{F6}iler@example.org"),
    ("delivery-status", "utf-8; boiler@example.org"),
    ("global-delivery-status", "utf-8; böiler@example.org"),
    ("global-delivery-status", "rfc822; boiler@example.org"),
]:
    lines = [
        "From: MAILER-DAEMON@mx.example.org",
        "MIME-Version: 1.0",
        f"Content-Type: multipart/report; report-type={kind}; boundary=part",
        "",
        "--part",
        "",
        "The address is gone.",
        "--part",
        f"Content-Type: message/{kind}",
        *(["Content-Transfer-Encoding: 8bit"] if kind.startswith("global") else []),
        "",
        "Reporting-MTA: dns; mx.example.org",
        "",
        f"Final-Recipient: {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        "",
        "--part--",
        "",
    ]
    temporary, permanent = all_failures(message_from_bytes("\n".join(lines).encode()))
    found = [address.decode() + " has failed" for address in permanent] + [address.decode() + " waits" for address in temporary]
    print(f"message/{kind}, {recipient}: {', '.join(found) or 'no bounce'}")
PY
PYTHONUTF8=1 venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
message/delivery-status, rfc822; boiler@example.org: boiler@example.org has failed
message/delivery-status, utf-8; b\x{F6}iler@example.org: no bounce
message/delivery-status, utf-8; boiler@example.org: no bounce
message/global-delivery-status, utf-8; böiler@example.org: no bounce
message/global-delivery-status, rfc822; boiler@example.org: no bounce
TXT
cmp -s seen expected
