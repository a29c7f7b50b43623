/** What the process has lost or refused so far; read when the metrics are scraped. */
export const counts = {
  worker_thread: 0,
  span: 0,
  log_line: 0,
};

export type Loss = keyof typeof counts;

/** Counts something that is gone: a thread that ended, spans that no collector took, log lines that could not be written. */
export function countLoss(what: Loss, number = 1): void {
  counts[what] += number;
}
