import type { FastifyRequest } from 'fastify';

/** What changes the store. */
export type AuditedAction =
  | 'store_version'
  | 'update_version'
  | 'label_version'
  | 'delete_version'
  | 'delete_normalizer'
  | 'move_alias'
  | 'delete_alias';

/** Logs a change of what is stored: what was done to which version, and by whose key. */
export function audit(request: FastifyRequest, action: AuditedAction, details: object): void {
  request.log.info({ audit: { action, ...details, by: request.caller?.name ?? null } }, 'audit');
}
