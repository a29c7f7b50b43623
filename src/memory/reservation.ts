import { AsyncLocalStorage } from 'node:async_hooks';

/** The memory of one request: reserved before it is allocated, and released when the request ends. */
export interface MemoryReservation {
  /**
   * Reserves bytes of the body that are gathered in memory.
   * @throws Problem unavailable
   */
  takeBody(bytes: number): void;
  /**
   * Reserves bytes for what is made of the body.
   * @param what names them in an error, such as `The JSON`
   * @returns releases them before the request ends
   * @throws Problem body_too_large if they can never fit, unavailable if they do not fit now
   */
  take(bytes: number, what: string): () => void;
}

const current = new AsyncLocalStorage<MemoryReservation>();

/** Runs a function with a reservation, from which everything that it starts takes. */
export function withReservation(reservation: MemoryReservation, run: () => void): void {
  current.run(reservation, run);
}

/** The current request's reservation; undefined outside of requests, and in worker threads, for which the event loop has reserved. */
export function reservationNow(): MemoryReservation | undefined {
  return current.getStore();
}

const nothing = () => undefined;

/** Reserves memory for the current request, as `MemoryReservation.take` does. */
export function reserveMemory(bytes: number, what: string): () => void {
  return current.getStore()?.take(bytes, what) ?? nothing;
}

/** Memory that is reserved bit by bit while it fills, and released at once. */
export interface GradualReservation {
  /** @throws Problem body_too_large, unavailable */
  grow(bytes: number): void;
  release(): void;
}

/** @param unreserved bytes that are not worth it, such as those of a usual block */
export function reserveGradually(what: string, unreserved: number): GradualReservation {
  const reservation = reservationNow();
  const parts: (() => void)[] = [];
  let [held, reserved] = [0, 0];
  return {
    grow(bytes) {
      held += bytes;
      const missing = held - unreserved - reserved;
      if (!reservation || missing <= 0) return;
      // Not piece by piece: a body comes in thousands.
      const size = Math.max(missing, unreserved / 4);
      parts.push(reservation.take(size, what));
      reserved += size;
    },
    release() {
      for (const release of parts.splice(0)) release();
      [held, reserved] = [0, 0];
    },
  };
}
