/** Where the process stands: only while it is ready new work is asked for, and while it stops none is taken. */
export interface Lifecycle {
  now: 'starting' | 'ready' | 'stopping';
  /** While it stops: kept when no connection is accepted any more. */
  closed?: Promise<void>;
}
