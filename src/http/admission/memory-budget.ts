import { Problem, unavailable } from '#errors.ts';

/** The memory that all requests may take beside their bodies. */
export interface MemoryBudget {
  /** Opens the share of one request. */
  open(): MemoryShare;
  /** Bytes reserved now. */
  reserved(): number;
}

export interface MemoryShare {
  /** @throws Problem body_too_large if the request alone takes too much, unavailable if others have the memory now */
  take(bytes: number, what: string): () => void;
  release(): void;
}

/** Garbage is collected whenever this share of the budget was released, because V8 would keep as much. */
const collectedShare = 1 / 4;

/** @param collect called when so much was released that its garbage matters */
export function createMemoryBudget(most: number, collect: () => void): MemoryBudget {
  let reserved = 0;
  let uncollected = 0;
  return {
    reserved: () => reserved,
    open() {
      let taken = 0;
      const giveBack = (bytes: number) => {
        const given = Math.min(bytes, taken);
        taken -= given;
        reserved -= given;
        uncollected += given;
        if (uncollected < collectedShare * most) return;
        uncollected = 0;
        collect();
      };
      return {
        take(bytes, what) {
          const size = Math.ceil(bytes);
          if (taken + size > most) throw neverFits(taken + size, most, what);
          if (reserved + size > most) throw doesNotFitNow(what);
          taken += size;
          reserved += size;
          return () => giveBack(size);
        },
        release: () => giveBack(taken),
      };
    },
  };
}

function neverFits(bytes: number, most: number, what: string): Problem {
  const detail = `${what} would take ${bytes} bytes of memory, but all requests together have ${most} in this machine or container.`;
  return new Problem('body_too_large', `${detail} Send less at once, fewer columns, or a binary format.`);
}

function doesNotFitNow(what: string): Problem {
  return unavailable(
    `The service is busy: ${what} does not fit into memory beside the requests in progress.`,
    'memory',
  );
}
