import type { MemoryReservation } from '#memory/reservation.ts';

/** What a request with a body takes of the queue and of the memory until it is answered. */
export interface Admission extends MemoryReservation {
  /** Whether the body is on its way. */
  isAsked: boolean;
  /** Asks a client for its body that waits to be asked. */
  ask(): void;
  /** Called when the body has arrived. */
  arrive(): void;
  /** Called when the response is about to be sent. */
  answered(): void;
  release(): void;
}
