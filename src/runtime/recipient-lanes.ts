/**
 * What waits for one recipient, by lane: in each it gets one after the other. A head is the first in all of its lanes, and not under way.
 */
export class RecipientLanes<S extends { readonly lanes: readonly string[] }> {
  readonly #lanes = new Map<string, S[]>();
  readonly #heads = new Set<S>();
  readonly #underWay = new Set<S>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get heads(): ReadonlySet<S> {
    return this.#heads;
  }

  get someUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  isUnderWay(share: S): boolean {
    return this.#underWay.has(share);
  }

  /** Something waits there. */
  has(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  isFirst(share: S): boolean {
    return this.isFirstBut(NOTHING, share);
  }

  /** In all of its lanes, where those before it are left out. */
  isFirstBut(before: ReadonlySet<unknown>, share: S): boolean {
    return share.lanes.every((lane) => this.#lanes.get(lane)?.find((one) => !before.has(one)) === share);
  }

  /** All in its lanes, with itself. */
  besides(share: S): ReadonlySet<S> {
    return new Set(share.lanes.flatMap((lane) => this.#lanes.get(lane) ?? []));
  }

  add(share: S): void {
    this.#size++;
    for (const lane of share.lanes) {
      const queue = this.#lanes.get(lane);
      if (queue === undefined) this.#lanes.set(lane, [share]);
      else queue.push(share);
    }
    this.#lookAt(share);
  }

  begin(share: S): void {
    this.#heads.delete(share);
    this.#underWay.add(share);
  }

  end(share: S): void {
    this.#underWay.delete(share);
    this.#lookAt(share);
  }

  remove(share: S): void {
    this.#size--;
    this.#heads.delete(share);
    this.#underWay.delete(share);
    for (const lane of share.lanes) {
      const queue = this.#lanes.get(lane) ?? [];
      queue.splice(queue.indexOf(share), 1);
      const [next] = queue;
      if (next === undefined) this.#lanes.delete(lane);
      else this.#lookAt(next);
    }
  }

  #lookAt(share: S): void {
    if (!this.#underWay.has(share) && this.isFirst(share)) this.#heads.add(share);
  }
}

const NOTHING: ReadonlySet<unknown> = new Set();
