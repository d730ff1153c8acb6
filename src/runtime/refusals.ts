/**
 * Whom a refusal speaks of. The enhanced code decides where it is clear (RFC 3463, RFC 7372, the IANA registry of enhanced codes), then the words
 * that Exim, Postfix, Sendmail, OpenSMTPD and the large providers use. `docs/mail-servers.md` shows who says what.
 */

/** `us`: this host, the account or the sender, or a server with no room for anybody's mail. Undefined: it does not say. */
export type RefusalSubject = "us" | "recipient" | undefined;

export function speaksOf(reply: string): RefusalSubject {
  const enhanced = enhancedIn(reply);
  if (enhanced !== undefined) {
    if (OF_RECIPIENT.has(enhanced) || enhanced.startsWith("2.")) return "recipient";
    if (OF_US.has(enhanced)) return "us";
  }
  // It is a delay for this pair of sender and recipient, whatever else the line says.
  if (/gr[ea]y-?list/i.test(reply)) return "recipient";
  if (US.some((words) => words.test(reply))) return "us";
  return RECIPIENT.some((words) => words.test(reply)) ? "recipient" : undefined;
}

/** The server wants the rest in another transaction (RFC 5321 section 4.5.3.1.10); not one that counts recipients an hour. */
export function limitsRecipients(reply: string): boolean {
  const enhanced = enhancedIn(reply);
  if (enhanced === "5.3") return true;
  // 4.7.1 "too many recipients from 192.0.2.1" is Postfix's limit for a time.
  if (enhanced !== undefined && !enhanced.startsWith("5.") && !enhanced.startsWith("3.")) return false;
  return LIMIT.test(reply) && !/\b(hour|minute|second|day|daily|rate|from \S+\d)\b/i.test(reply);
}

/** `5.7.1` as `7.1`: whether it is for good, the first digit of the reply tells. */
const enhancedIn = (reply: string): string | undefined =>
  /^\d{3}[ -][245]\.(\d{1,3}\.\d{1,3})(?!\.?\d)/.exec(reply)?.[1];

const OF_RECIPIENT = new Set(["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.10", "4.4", "7.17", "7.18"]);

const OF_US = new Set([
  // The sender's address.
  ...["1.7", "1.8"],
  // No room, not now, not from the network.
  ...["3.1", "3.2"],
  // Too much for today.
  "4.5",
  // The login, encryption, trust, and everything that proves who a sender is.
  ...["7.3", "7.4", "7.8", "7.9", "7.10", "7.11", "7.12", "7.14"],
  ...["7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27"],
]);

const US: readonly RegExp[] = [
  /\b(helo|ehlo)\b.*\b(reject|invalid|denied|not|bad|need)|\b(reject|invalid|bad)\w*\b.*\b(helo|ehlo)\b/i,
  /\brelay(ing)?\b.*\b(denied|not (permitted|allowed)|prohibited|forbidden|rejected)|unable to relay|(not|n't) relay\b|not permitted to relay|allowed rcpthosts/i,
  /\bclient (host|address|ip)\b|\byour (host|hostname|ip|server|mail server|domain|network|account|message rate)\b|\bsender('s)? ip\b/i,
  /reverse (dns|hostname|lookup)|\bptr\b|\brdns\b/i,
  /(block|black|deny)[- ]?list|\bblocked (using|by|due to)\b|\b(dns)?rbl\b|dnsbl|spamhaus|spamcop|barracuda|sorbs|\blisted (at|in|on|by)\b|bad reputation|poor reputation/i,
  /\b(sending|daily|hourly|outbound|message|messages|mail) (limit|quota)\b|too many (messages|mails|emails)|rate[- ]limit|limit exceeded for (user|account|sender)/i,
  /sender (address )?(reject|refus|verif|denied)|not owned by|not (allowed|authori[sz]ed|permitted) to send|send(ing)? as\b/i,
  /authentication (is )?required|requires authentication|must (be )?authenticat|log ?in first|auth(enticat(ion|e))? first/i,
  /\b(spf|dkim|dmarc)\b/i,
  /insufficient (system|disk|queue) |\bdisk (is )?full\b|no space left|\bnot accepting (network )?(messages|mail)\b/i,
];

const RECIPIENT: readonly RegExp[] = [
  /no such (user|mailbox|recipient|address|person|account)|\bunknown (user|recipient|mailbox|address|account|local)\b|\b(user|recipient|mailbox|address)( is)? unknown\b/i,
  /\b(user|mailbox|recipient|address|account)\b.{0,60}\b(not found|does ?n[o']t exist|unavailable|disabled|inactive|suspended|full|closed|no longer)\b/i,
  /\b(invalid|bad|nonexistent|non-existent) (recipient|mailbox|address|user)|recipient( address)? (reject|refus|denied)|\bover ?quota\b|quota exceeded/i,
  /unrouteable address|not (a )?local|no mailbox|not our customer/i,
];

const LIMIT =
  /too many (recipients|rcpts)|recipients? limit|(maximum|max) (number of )?(recipients|rcpts)|limit(ed)? (of|to) \d+ recipients/i;
