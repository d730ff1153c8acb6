/** What a member of the group brings to a join. */
export interface Claim {
  readonly memberId: string;
  /** Its own name for itself, the same over rejoins: ties are broken by it, not by member IDs, which change. */
  readonly instance: string;
  /** The generation in which it got the partitions; of two claims to one partition the later one counts. */
  readonly generation: number;
  readonly partitions: readonly number[];
}

/**
 * Shares out the partitions: nobody has more than one more than anybody else, and whoever has some keeps them, up to that share.
 * A join or a leave moves at most ⌈partitions/members⌉ of them. The same for every order of `claims`.
 *
 *     a claims 0 1 2 3 4 5, b is new      →  a 0 1 2, b 3 4 5
 *     a claims 0 1 2, b 3 4 5, b leaves   →  a 0 1 2 3 4 5
 */
export const assignSticky = (partitions: readonly number[], claims: readonly Claim[]): Map<string, number[]> => {
  const members = [...claims].sort((a, b) => compare(a.instance, b.instance) || compare(a.memberId, b.memberId));
  const kept = validClaims(partitions, members);
  const keptBy = ({ memberId }: Claim): number[] => kept.get(memberId) as number[];
  const share = Math.floor(partitions.length / members.length);
  // So many have one more; those who already do go first.
  const larger = partitions.length % members.length;
  const bySize = [...members].sort((a, b) => keptBy(b).length - keptBy(a).length);
  const room = new Map(bySize.map(({ memberId }, index) => [memberId, index < larger ? share + 1 : share]));
  const result = new Map(
    members.map((member) => [member.memberId, keptBy(member).slice(0, room.get(member.memberId))]),
  );
  const taken = new Set([...result.values()].flat());
  const free = partitions.filter((partition) => !taken.has(partition)).sort((a, b) => a - b);
  for (const [memberId, own] of result) {
    while (own.length < (room.get(memberId) as number)) own.push(free.shift() as number);
  }
  for (const own of result.values()) own.sort((a, b) => a - b);
  return result;
};

/** Each member's claims to partitions that exist and that nobody claims with more right. */
const validClaims = (partitions: readonly number[], members: readonly Claim[]): Map<string, number[]> => {
  const exists = new Set(partitions);
  const owner = new Map<number, Claim>();
  for (const claim of members) {
    for (const partition of claim.partitions) {
      const other = owner.get(partition);
      if (exists.has(partition) && (other === undefined || claim.generation > other.generation))
        owner.set(partition, claim);
    }
  }
  const kept = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  for (const partition of [...owner.keys()].sort((a, b) => a - b))
    (kept.get((owner.get(partition) as Claim).memberId) as number[]).push(partition);
  return kept;
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A claim, and what its member subscribes to. */
export interface Subscription extends Claim {
  /** `partitions` are of the first one; a member of ours has no other. */
  readonly topics: readonly string[];
}

/**
 * Each topic's partitions go to the members that subscribe to it and to nobody else, so that members of one group may read different topics.
 * Member → topic → partitions; a member that gets nothing is there with an empty map.
 *
 *     a reads eu (0 1), b and c read us (0 1 2)   →  a: eu 0 1, b: us 0 1, c: us 2
 */
export const assignBySubscription = (
  partitionsOf: ReadonlyMap<string, readonly number[]>,
  members: readonly Subscription[],
): Map<string, Map<string, readonly number[]>> => {
  const result = new Map(members.map(({ memberId }) => [memberId, new Map<string, readonly number[]>()]));
  for (const [topic, partitions] of partitionsOf) {
    const claims = members
      .filter(({ topics }) => topics.includes(topic))
      .map((member) => (member.topics[0] === topic ? member : { ...member, partitions: [] }));
    for (const [memberId, own] of assignSticky(partitions, claims))
      if (own.length > 0) result.get(memberId)?.set(topic, own);
  }
  return result;
};
